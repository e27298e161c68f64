/*
 * Under RLIMIT_AS of 64 MiB, 256 MiB and 1 GiB a program starts, gets at least a quarter of the
 * limit, then NULL with ENOMEM and no abort, and goes on after freeing.
 * @no-preload
 */
#include <errno.h>
#include <sys/resource.h>

#include "child.h"
#include "fill.h"

static size_t limit_bytes;

static void limit(void)
{
	struct rlimit space = { limit_bytes, limit_bytes };
	EXPECT(setrlimit(RLIMIT_AS, &space) == 0, "cannot limit the address space");
}

static int fill_address_space(void)
{
	struct rlimit space;
	getrlimit(RLIMIT_AS, &space);

	static const size_t sizes[] = { 1 << 20, 60000, 8000, 65536, 1000, 100000 };
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		if (sizes[i] < 8000 && space.rlim_cur > (64 << 20))
			continue; /* would touch every page of a large limit */
		size_t filled = fill_and_free(sizes[i], 2 * space.rlim_cur);
		EXPECT(filled < space.rlim_cur, "%zu MiB of objects of %zu bytes fit in %zu MiB", filled >> 20,
		    sizes[i], (size_t)space.rlim_cur >> 20);
		EXPECT(filled >= space.rlim_cur / 4, "only %zu KiB of objects of %zu bytes fit in %zu MiB",
		    filled >> 10, sizes[i], (size_t)space.rlim_cur >> 20);
	}
	return 0;
}

int main(int argc, char **argv)
{
	static const size_t limits[] = { (size_t)64 << 20, (size_t)256 << 20, (size_t)1 << 30 };
	static struct child child;

	(void)argv;
	if (argc > 1)
		return fill_address_space();
	for (int i = 0; i < 3; i++) {
		limit_bytes = limits[i];
		child_run(&child, "fill", limit, NULL);
		child_expect_exit(&child, 0);
		EXPECT(!*child.err, "under %zu MiB stderr has %s", limits[i] >> 20, child.err);
	}
	return 0;
}
