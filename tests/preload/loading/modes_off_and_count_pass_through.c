/*
 * With TIDEPOOL_MODE=off, and count, every request goes to the next allocator in link order, the second
 * preloaded library, and comes back to it.
 * @no-preload
 * @cc -ldl
 */
#include <dlfcn.h>
#include <stdatomic.h>

#include "child.h"
#include "library.h"

static char preload[1200];

static int allocate(void)
{
	void *other = dlopen(strrchr(getenv("LD_PRELOAD"), ':') + 1, RTLD_NOW);
	EXPECT(other, "%s", dlerror());
	atomic_long *mallocs = dlsym(other, "other_malloc_mallocs"), *frees = dlsym(other, "other_malloc_frees");
	long mallocs_before = *mallocs, frees_before = *frees;
	for (size_t i = 0; i < 1000; i++) {
		char *object = i % 2 ? malloc(i * 97) : calloc(1, i * 97 + 1);
		EXPECT(object, "no memory");
		free(object);
	}
	EXPECT(*mallocs - mallocs_before == 1000, "the next allocator got %ld of 1,000 requests",
	    *mallocs - mallocs_before);
	EXPECT(*frees - frees_before == 1000, "the next allocator got %ld of 1,000 frees", *frees - frees_before);
	return 0;
}

int main(int argc, char **argv)
{
	static struct child child;

	(void)argv;
	if (argc > 1)
		return allocate();
	const char *other = library_path("other_malloc.so");
	snprintf(preload, sizeof preload, "LD_PRELOAD=%s:%s", child_library(), other);
	child_run(&child, "allocate", NULL, preload, "TIDEPOOL_MODE=off", NULL);
	child_expect_exit(&child, 0);
	child_run(&child, "allocate", NULL, preload, "TIDEPOOL_MODE=count", NULL);
	child_expect_exit(&child, 0);
	return 0;
}
