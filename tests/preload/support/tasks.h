/*
 * The threads of this process, as /proc/self/task shows them: how many, and which is the library's.
 * Reads with system calls alone, so that looking is no slow path of the allocator.
 */
#ifndef TEST_TASKS_H
#define TEST_TASKS_H

#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>

#include "expect.h"

#define TASKS_POLLS 2000 /* of 5 ms */

/* Read a file of a thread into text; tid 0 is the process's own. Returns false where it is gone. */
static inline int tasks_read(int tid, const char *file, char *text, size_t bytes)
{
	char path[128];

	snprintf(path, sizeof path, tid ? "/proc/self/task/%d/%s" : "/proc/self/%.0d%s", tid, file);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, text, bytes - 1);
	if (fd >= 0)
		close(fd);
	text[length > 0 ? length : 0] = '\0';
	return length > 0;
}

struct tasks {
	int count;
	int tidepool_count;
	int tidepool; /* the library's thread, or 0 */
};

/* Every thread of the process now. */
static inline struct tasks tasks_look(void)
{
	struct entry {
		unsigned long long inode, offset;
		unsigned short length;
		unsigned char type;
		char name[];
	};
	struct tasks tasks = { 0, 0, 0 };
	char entries[32768], name[64];
	long bytes;
	int fd = open("/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	EXPECT(fd >= 0, "cannot open /proc/self/task");
	while ((bytes = syscall(SYS_getdents64, fd, entries, sizeof entries)) > 0) {
		for (long at = 0; at < bytes;) {
			const struct entry *entry = (const struct entry *)(entries + at);
			int tid = atoi(entry->name);
			at += entry->length;
			if (tid == 0 || !tasks_read(tid, "comm", name, sizeof name))
				continue;
			tasks.count++;
			if (strcmp(name, "tidepool\n") != 0)
				continue;
			tasks.tidepool_count++;
			tasks.tidepool = tid;
		}
	}
	close(fd);
	return tasks;
}

/* Wait for the library's thread, which names itself a moment after it starts. Returns its number. */
static inline int tasks_wait_for_tidepool(void)
{
	struct tasks tasks = tasks_look();

	for (int i = 0; i < TASKS_POLLS && !tasks.tidepool; i++) {
		usleep(5000);
		tasks = tasks_look();
	}
	EXPECT(tasks.tidepool_count == 1, "%d threads are named tidepool", tasks.tidepool_count);
	return tasks.tidepool;
}

/* A number of a thread's status file, in the base it is written in. */
static inline unsigned long long tasks_status(int tid, const char *field, int base)
{
	char text[8192];

	EXPECT(tasks_read(tid, "status", text, sizeof text), "thread %d has no status", tid);
	const char *at = strstr(text, field);
	EXPECT(at && at[strlen(field)] == ':', "no %s in the status of thread %d", field, tid);
	return strtoull(at + strlen(field) + 1, NULL, base);
}

#endif
