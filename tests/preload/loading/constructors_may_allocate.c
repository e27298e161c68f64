/*
 * A linked library's constructor allocates before the preloaded library's own has run; a library
 * preloaded before or after it does too; all of it lasts, and its destructor frees it.
 * @no-preload
 * @cc -Wl,--no-as-needed -l:allocating_constructor.so
 */
#include "child.h"
#include "library.h"

extern int constructed_objects(void);

static char before[1024], after[1024], alone[1024];

static void run(const char *preload)
{
	static struct child child;
	child_run(&child, "child", NULL, preload, NULL);
	child_expect_exit(&child, 0);
	EXPECT(!*child.err, "%s: stderr has %s", preload, child.err);
}

int main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1) {
		EXPECT(constructed_objects() == 300, "%d of 300 objects of the constructor are left",
		    constructed_objects());
		return 0;
	}
	const char *library = library_path("allocating_constructor.so");

	snprintf(alone, sizeof alone, "LD_PRELOAD=%s", child_library());
	snprintf(before, sizeof before, "LD_PRELOAD=%s:%s", library, child_library());
	snprintf(after, sizeof after, "LD_PRELOAD=%s:%s", child_library(), library);
	run(alone);
	run(before);
	run(after);
	return 0;
}
