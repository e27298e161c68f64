/*
 * Under RLIMIT_DATA, set while it runs and inherited, a program gets memory up to about the limit,
 * then NULL with ENOMEM and no abort, and goes on after freeing.
 * @no-preload
 */
#include <sys/resource.h>

#include "child.h"
#include "fill.h"

#define LIMIT ((size_t)64 << 20)

static void limit(void)
{
	struct rlimit data = { LIMIT, LIMIT };
	EXPECT(setrlimit(RLIMIT_DATA, &data) == 0, "cannot limit the data segment");
}

static int fill_data(void)
{
	limit();
	for (int round = 0; round < 2; round++) {
		static const size_t sizes[] = { 1 << 20, 60000, 3000, 200 };
		for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
			size_t filled = fill_and_free(sizes[i], 2 * LIMIT);
			EXPECT(filled < LIMIT, "%zu MiB in objects of %zu bytes fit under the limit", filled >> 20,
			    sizes[i]);
			EXPECT(filled >= LIMIT / 5, "only %zu KiB in objects of %zu bytes", filled >> 10, sizes[i]);
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	static struct child child;

	(void)argv;
	if (argc > 1)
		return fill_data();
	child_run(&child, "inherited", limit, NULL);
	child_expect_exit(&child, 0);
	child_run(&child, "own", NULL, NULL);
	child_expect_exit(&child, 0);
	return 0;
}
