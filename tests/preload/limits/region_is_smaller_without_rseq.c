/*
 * Without restartable sequences, as in an emulator that keeps a record of every page reserved, 16 GiB of
 * addresses are reserved and not a terabyte; a TIDEPOOL_REGION holds with them and without.
 * @no-preload
 * @variants rseq lock delay norseq
 */
#include <sys/resource.h>
#include <sys/rseq.h>

#include "child.h"

#define GIB (1L << 30)

static int say_what_is_mapped(void)
{
	unsigned long pages = 0;
	FILE *file = fopen("/proc/self/statm", "r");

	EXPECT(file && fscanf(file, "%lu", &pages) == 1, "cannot read /proc/self/statm");
	fclose(file);
	printf("%lu\n", pages * (unsigned long)sysconf(_SC_PAGESIZE));
	return 0;
}

/* Run under the preload with this setting, which must reserve so many bytes, and a little for records of them. */
static void expect_region(const char *setting, long bytes)
{
	static struct child child;

	child_run(&child, "say", NULL, setting, NULL);
	child_expect_exit(&child, 0);
	long mapped = atol(child.out);
	EXPECT(mapped >= bytes && mapped < bytes + bytes / 16, "%s: %ld MiB are mapped, not %ld", setting, mapped >> 20,
	    bytes >> 20);
}

int main(int argc, char **argv)
{
	const char *variant = getenv("TEST_VARIANT");
	struct rlimit limit;

	(void)argv;
	if (argc > 1)
		return say_what_is_mapped();
	if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur != RLIM_INFINITY)
		SKIP("the address space is limited");
	int with = __rseq_size > 0 && variant && strcmp(variant, "norseq");
	expect_region("TIDEPOOL_VERBOSE=0", with ? 1024 * GIB : 16 * GIB);
	expect_region("TIDEPOOL_REGION=64G", 64 * GIB);
	return 0;
}
