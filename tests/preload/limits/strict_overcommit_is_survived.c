/*
 * With vm.overcommit_memory=2 a program starts and allocates. Changes the setting of the whole
 * machine for a moment, so it runs only where TIDEPOOL_TEST_SYSCTL=1 allows it.
 * @no-preload
 */
#include "child.h"
#include "fill.h"

#define SETTING "/proc/sys/vm/overcommit_memory"

static int write_setting(char value)
{
	int fd = open(SETTING, O_WRONLY | O_CLOEXEC);
	int written = fd >= 0 && write(fd, &value, 1) == 1;
	if (fd >= 0)
		close(fd);
	return written;
}

int main(int argc, char **argv)
{
	static struct child child;
	const char *allowed = getenv("TIDEPOOL_TEST_SYSCTL");

	(void)argv;
	if (argc > 1) {
		EXPECT(fill_and_free(5000, 32 << 20) >= 32 << 20, "32 MiB cannot be had");
		EXPECT(fill_and_free(1 << 20, 32 << 20) >= 32 << 20, "32 MiB cannot be had");
		return 0;
	}
	if (!allowed || strcmp(allowed, "1"))
		SKIP("TIDEPOOL_TEST_SYSCTL=1 is not set");

	char before;
	int fd = open(SETTING, O_RDONLY | O_CLOEXEC);
	EXPECT(fd >= 0 && read(fd, &before, 1) == 1, "cannot read " SETTING);
	close(fd);
	if (!write_setting('2'))
		SKIP("cannot write " SETTING);
	child_run(&child, "fill", NULL, NULL);
	EXPECT(write_setting(before), "cannot set " SETTING " back to %c", before);
	child_expect_exit(&child, 0);
	return 0;
}
