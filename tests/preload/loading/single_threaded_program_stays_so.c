/* A program that starts no thread has none, and glibc's cheap single-threaded paths stay on. */
#include <dirent.h>
#include <malloc.h>
#include <stdlib.h>
#include <sys/single_threaded.h>

#include "expect.h"

int main(void)
{
	static void *objects[100000];
	int threads = 0;

	for (int round = 0; round < 5; round++) {
		for (int i = 0; i < 100000; i++)
			objects[i] = malloc((size_t)i % 3000);
		for (int i = 0; i < 100000; i++)
			free(objects[i]);
	}
	malloc_trim(0);
	usleep(1200000);
	free(malloc(100000));
	EXPECT(__libc_single_threaded, "glibc has been told of a second thread");

	DIR *tasks = opendir("/proc/self/task");
	EXPECT(tasks, "cannot open /proc/self/task");
	for (struct dirent *task; (task = readdir(tasks));)
		threads += task->d_name[0] != '.';
	closedir(tasks);
	EXPECT(threads == 1, "the process has %d threads", threads);
	return 0;
}
