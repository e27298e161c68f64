/*
 * Where the table of caches cannot be mapped at the start, requests go to the next allocator, in every thread and child,
 * and nothing is printed.
 *
 * The program's own mmap, which comes before libc's, refuses the first mapping of that size.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "expect.h"

#define TABLE_BYTES_MIN 8192
#define TABLE_BYTES_MAX 65536

static int refused;

void *mmap(void *address, size_t bytes, int protection, int flags, int fd, off_t offset)
{
	if (protection == (PROT_READ | PROT_WRITE) && fd == -1 && bytes > TABLE_BYTES_MIN && bytes < TABLE_BYTES_MAX &&
	    refused == 0) {
		refused = 1;
		errno = ENOMEM;
		return MAP_FAILED;
	}
	return (void *)syscall(SYS_mmap, address, bytes, protection, flags, fd, offset);
}

/* No CPU has a cache, and none may be looked for. */
int sched_getcpu(void)
{
	static _Atomic int number;

	return number++ % 256;
}

static void *work(void *unused)
{
	for (size_t i = 0; i < 2000; i++) {
		char *object = malloc(100 + i);

		EXPECT(object, "no memory for %zu bytes", 100 + i);
		object[0] = 1;
		object = realloc(object, 2 * i + 1);
		EXPECT(object, "no memory for %zu bytes", 2 * i + 1);
		free(object);
		free(calloc(i, 3));
	}
	return unused;
}

int main(void)
{
	pthread_t thread;
	int status;

	EXPECT(refused == 1, "nothing of that size was mapped");
	work(NULL);
	EXPECT(pthread_create(&thread, NULL, work, NULL) == 0 && pthread_join(thread, NULL) == 0, "no thread");
	work(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		work(NULL);
		_exit(0);
	}
	EXPECT(waitpid(pid, &status, 0) == pid && status == 0, "the child ended with %#x", status);
	return 0;
}
