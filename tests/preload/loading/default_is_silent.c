/*
 * Without options the library prints nothing, at the start, at the end, or in a child.
 * @no-preload
 */
#include "child.h"

int main(int argc, char **argv)
{
	static struct child child;

	(void)argv;
	if (argc > 1) {
		for (size_t size = 1; size < 10 << 20; size = size * 3 + 1)
			free(malloc(size));
		if (fork() == 0)
			exit(0);
		return 0;
	}
	child_run(&child, "run", NULL, NULL);
	child_expect_exit(&child, 0);
	EXPECT(!*child.out, "stdout has %s", child.out);
	EXPECT(!*child.err, "stderr has %s", child.err);
	return 0;
}
