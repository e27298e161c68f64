/*
 * A program that lowers its own RLIMIT_AS has the reservation give way, whichever function it calls and
 * however it names itself; one that lowers another's keeps its own.
 */
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "expect.h"

#define LIMIT ((rlim_t)512 << 20)

static struct rlimit space = { LIMIT, LIMIT };

static int by_setrlimit(void)
{
	return setrlimit(RLIMIT_AS, &space);
}

static int by_setrlimit64(void)
{
	return setrlimit64(RLIMIT_AS, &(struct rlimit64){ LIMIT, LIMIT });
}

static int by_prlimit_of_0(void)
{
	return prlimit(0, RLIMIT_AS, &space, NULL);
}

static int by_prlimit_of_own_id(void)
{
	return prlimit(getpid(), RLIMIT_AS, &space, NULL);
}

static int by_prlimit64_of_own_id(void)
{
	return prlimit64(getpid(), RLIMIT_AS, &(struct rlimit64){ LIMIT, LIMIT }, NULL);
}

static int (*const ways[])(
    void) = { by_setrlimit, by_setrlimit64, by_prlimit_of_0, by_prlimit_of_own_id, by_prlimit64_of_own_id };

static unsigned long mapped_bytes(void)
{
	unsigned long pages = 0;
	FILE *file = fopen("/proc/self/statm", "r");

	EXPECT(file && fscanf(file, "%lu", &pages) == 1, "cannot read /proc/self/statm");
	fclose(file);
	return pages * (unsigned long)sysconf(_SC_PAGESIZE);
}

int main(void)
{
	unsigned long before = mapped_bytes();
	int status;

	if (before <= LIMIT)
		SKIP("only %lu bytes are mapped", before);
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			EXPECT(ways[i]() == 0, "way %zu: cannot limit the address space", i);
			EXPECT(mapped_bytes() <= LIMIT, "way %zu: %lu bytes are mapped", i, mapped_bytes());
			_exit(0);
		}
		EXPECT(waitpid(pid, &status, 0) == pid && status == 0, "way %zu: ended with %#x", i, status);
	}
	pid_t other = fork();
	if (other == 0) {
		pause();
		_exit(0);
	}
	EXPECT(prlimit(other, RLIMIT_AS, &space, NULL) == 0, "cannot limit the child");
	EXPECT(mapped_bytes() == before, "of %lu bytes %lu are mapped after the child was limited", before,
	    mapped_bytes());
	kill(other, SIGKILL);
	EXPECT(waitpid(other, &status, 0) == other, "cannot wait for the child");
	return 0;
}
