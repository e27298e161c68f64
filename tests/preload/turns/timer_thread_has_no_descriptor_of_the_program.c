/*
 * What the timer's thread opens takes no number that the program would get: its table of descriptors is its own.
 * @env TIDEPOOL_TICK=10ms
 * @env TIDEPOOL_TIMER=thread
 */
#include <dirent.h>
#include <time.h>

#include "tasks.h"

#define OPENS 20000

static int count_entries(const char *path)
{
	int count = 0;
	DIR *folder = opendir(path);

	EXPECT(folder, "cannot open %s", path);
	for (const struct dirent *entry; (entry = readdir(folder));)
		count += entry->d_name[0] != '.';
	closedir(folder);
	return count;
}

int main(void)
{
	char path[64];
	int tid = tasks_wait_for_tidepool();

	snprintf(path, sizeof path, "/proc/self/task/%d/fd", tid);
	int most = 0;
	for (int i = 0; i < 50; i++) {
		int count = count_entries(path);
		most = count > most ? count : most;
		usleep(2000);
	}
	EXPECT(most <= 1, "the thread has %d descriptors", most);
	int lowest = open("/dev/null", O_RDONLY | O_CLOEXEC);
	for (int i = 0; i < OPENS; i++) {
		close(lowest);
		int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
		EXPECT(fd == lowest, "open gave %d, not %d", fd, lowest);
	}
	return 0;
}
