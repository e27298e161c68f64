/*
 * A program without privileges that locks its memory under RLIMIT_MEMLOCK has the reservation of
 * addresses give way, so that a limit of 64 MiB is enough, and allocates on.
 * @no-preload
 */
#include <errno.h>
#include <grp.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "child.h"

#define ENOUGH ((rlim_t)64 << 20)
#define NOBODY 65534

static size_t mapped_bytes(void)
{
	size_t pages = 0;
	FILE *file = fopen("/proc/self/statm", "r");

	EXPECT(file && fscanf(file, "%zu", &pages) == 1, "cannot read /proc/self/statm");
	fclose(file);
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static int lock(void)
{
	struct rlimit locked;

	EXPECT(getrlimit(RLIMIT_MEMLOCK, &locked) == 0, "no limit");
	if (locked.rlim_max > ENOUGH) /* as RLIM_INFINITY is */
		locked.rlim_max = ENOUGH;
	locked.rlim_cur = locked.rlim_max;
	EXPECT(setrlimit(RLIMIT_MEMLOCK, &locked) == 0, "cannot set the limit");
	if (geteuid() == 0)
		EXPECT(setgroups(0, NULL) == 0 && setresuid(NOBODY, NOBODY, NOBODY) == 0, "cannot become nobody");
	free(malloc(100));
	errno = 0;
	int result = mlockall(MCL_CURRENT);
	/* under less, which the caller of the tests may have, the program's own mappings are too many */
	if (locked.rlim_cur == ENOUGH)
		EXPECT(result == 0 && errno == 0, "mlockall: %s", strerror(errno));
	else
		EXPECT(result == 0 || errno == ENOMEM, "mlockall: %s", strerror(errno));
	EXPECT(mapped_bytes() < ENOUGH, "%zu MiB are mapped after it", mapped_bytes() >> 20);
	for (size_t size = 1; size < 4 << 20; size = size * 3 + 1) {
		char *object = malloc(size);

		EXPECT(object || result == 0, "no memory for %zu bytes", size);
		if (object)
			memset(object, 1, size);
		free(object);
	}
	return 0;
}

int main(int argc, char **argv)
{
	static struct child child;

	(void)argv;
	if (argc > 1)
		return lock();
	child_run(&child, "lock", NULL, NULL);
	child_expect_exit(&child, 0);
	return 0;
}
