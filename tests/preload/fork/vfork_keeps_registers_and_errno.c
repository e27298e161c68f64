/*
 * vfork returns twice with the caller's saved registers, stack and errno as they were, and with
 * EAGAIN where no process may be made.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "expect.h"

/* Enough values live over the call to fill the callee-saved registers. */
__attribute__((noinline)) static long sum_around_vfork(long a, long b, long c, long d, long e, long f, long g)
{
	char *object = malloc(100);
	strcpy(object, "kept");
	errno = 77;
	pid_t pid = vfork();
	if (pid == 0)
		_exit((int)(a + b + c + d + e + f + g) & 0x7f);
	EXPECT(pid > 0, "vfork returned %d", pid);
	EXPECT(errno == 77, "vfork set errno to %d", errno);
	EXPECT(strcmp(object, "kept") == 0, "the parent's pointer was lost");
	free(object);

	int status;
	EXPECT(waitpid(pid, &status, 0) == pid, "cannot wait for the child");
	long sum = a + b + c + d + e + f + g;
	EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == (sum & 0x7f), "the child's sum is %#x", status);
	return sum;
}

int main(void)
{
	for (long i = 0; i < 200; i++) {
		long sum = sum_around_vfork(i, i + 1, i + 2, i + 3, i + 4, i + 5, i + 6);
		EXPECT(sum == 7 * i + 21, "the parent's sum of %ld is %ld", i, sum);
	}

	/* root may fork beyond the limit */
	EXPECT(geteuid() != 0 || setuid(65534) == 0, "cannot become nobody");
	struct rlimit none = { 0, 0 };
	EXPECT(setrlimit(RLIMIT_NPROC, &none) == 0, "cannot limit the number of processes");
	errno = 0;
	pid_t pid = vfork();
	if (pid == 0)
		_exit(0);
	EXPECT(pid == -1 && errno == EAGAIN, "vfork beyond the limit returned %d, errno %d", pid, errno);
	free(malloc(100));
	return 0;
}
