/*
 * While every allocation is sampled, a large block is resized in place as it would be without, and
 * counts as another one: the first is freed, the second in use.
 * @no-preload
 */
#include <stdlib.h>

#include "child.h"

#define BYTES 1000000
#define STEPS 10
#define STEP_BYTES 50000

static void resize_often(void)
{
	char *block = malloc(BYTES);

	for (size_t step = 1; step <= STEPS; step++) {
		char *resized = realloc(block, BYTES - step * STEP_BYTES);
		EXPECT(resized == block, "step %zu moved the block", step);
	}
}

/* The heap profile's first line: objects and bytes in use, then of all. */
static void expect_totals(const char *path)
{
	unsigned long in_use, in_use_bytes, all, all_bytes;
	FILE *file = fopen(path, "r");
	EXPECT(file, "no profile at %s", path);
	EXPECT(fscanf(file, "heap profile: %lu: %lu [%lu: %lu]", &in_use, &in_use_bytes, &all, &all_bytes) == 4,
	    "the first line of the profile has no totals");
	fclose(file);
	unsigned long least = 0;
	for (unsigned long step = 0; step <= STEPS; step++)
		least += BYTES - step * STEP_BYTES;
	EXPECT(all_bytes >= least && all_bytes < least + BYTES, "%lu bytes in all, of %lu", all_bytes, least);
	EXPECT(in_use_bytes >= BYTES - STEPS * STEP_BYTES && in_use_bytes < BYTES, "%lu bytes in use", in_use_bytes);
}

int main(int argc, char **argv)
{
	static struct child child;
	char path[] = "/tmp/tidepool-profile.XXXXXX", setting[64], sites[64];

	(void)argv;
	if (argc > 1) {
		resize_often();
		return 0;
	}
	int fd = mkstemp(path);
	EXPECT(fd >= 0, "no temporary file");
	close(fd);
	snprintf(setting, sizeof setting, "TIDEPOOL_PROFILE=%s", path);
	child_run(&child, "resize", NULL, setting, "TIDEPOOL_PROFILE_EVERY=1", NULL);
	child_expect_exit(&child, 0);
	EXPECT(!*child.err, "stderr has %s", child.err);
	expect_totals(path);
	unlink(path);
	snprintf(sites, sizeof sites, "%s.sites.json", path);
	unlink(sites);
	return 0;
}
