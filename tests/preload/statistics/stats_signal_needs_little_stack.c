/*
 * The signal named by TIDEPOOL_STATS_SIGNAL dumps on a signal stack that is a few KiB larger than
 * the kernel asks for.
 * @env TIDEPOOL_STATS=text
 * @env TIDEPOOL_STATS_FILE=/dev/null
 * @env TIDEPOOL_STATS_SIGNAL=USR1
 */
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>

#include "expect.h"

#define SPARE_BYTES ((size_t)4096)

static volatile sig_atomic_t handled;

static void handle(int number)
{
	handled += number == SIGUSR1;
}

int main(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t bytes = ((size_t)sysconf(_SC_MINSIGSTKSZ) + SPARE_BYTES + 15) / 16 * 16;
	size_t mapped = (bytes + page - 1) / page * page;
	char *memory = mmap(NULL, page + mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	EXPECT(memory != MAP_FAILED && mprotect(memory, page, PROT_NONE) == 0, "no stack with a guard below");
	stack_t stack = { .ss_sp = memory + page, .ss_size = bytes };
	struct sigaction action = { .sa_handler = handle, .sa_flags = SA_ONSTACK };
	EXPECT(sigaltstack(&stack, NULL) == 0, "no signal stack");
	EXPECT(sigaction(SIGUSR1, &action, NULL) == 0, "no handler");
	raise(SIGUSR1);
	EXPECT(handled == 1, "the handler ran %d times", (int)handled);
	return 0;
}
