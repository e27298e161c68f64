/*
 * A child of _Fork, or of the clone system call, has run no fork handler. Its memory is its own all the same: where
 * it lowers its limit of addresses, the region gives way.
 */
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "expect.h"

#define LIMIT_BYTES ((size_t)1 << 30)
#define MAP_BYTES ((size_t)1 << 20)

static int play_child(void)
{
	struct rlimit limit = { LIMIT_BYTES, LIMIT_BYTES };

	if (setrlimit(RLIMIT_AS, &limit) != 0)
		return 2;
	void *map = mmap(NULL, MAP_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (map == MAP_FAILED)
		return 3;
	for (size_t bytes = 100; bytes < (size_t)64 << 20; bytes *= 3) {
		char *block = malloc(bytes);

		if (!block)
			return 4;
		memset(block, 1, bytes);
		free(block);
	}
	return 0;
}

static void expect_end(pid_t pid, const char *kind)
{
	int status;

	EXPECT(pid > 0 && waitpid(pid, &status, 0) == pid, "no child of %s", kind);
	EXPECT(status == 0, "the child of %s ended with wait status %#x", kind, status);
}

int main(void)
{
	free(malloc(100));
	pid_t pid = _Fork();
	if (pid == 0)
		_exit(play_child());
	expect_end(pid, "_Fork");
	pid = (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, 0);
	if (pid == 0)
		_exit(play_child());
	expect_end(pid, "clone");
	return 0;
}
