/*
 * A sandbox that answers calls in a SIGSYS handler, as those with a broker do, is asked by the timer's thread
 * too: it lets that signal through, or the kernel would end the program.
 * @env TIDEPOOL_TICK=20ms
 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <ucontext.h>
#include <unistd.h>

#include "filter.h"

static atomic_int trapped;

static void refuse(int number, siginfo_t *info, void *context)
{
	(void)number, (void)info;
	atomic_fetch_add(&trapped, 1);
#if defined(__x86_64__)
	((ucontext_t *)context)->uc_mcontext.gregs[REG_RAX] = -EACCES;
#elif defined(__aarch64__)
	((ucontext_t *)context)->uc_mcontext.regs[0] = -EACCES;
#endif
}

static void *live(void *unused)
{
	for (int i = 0; i < 100; i++) {
		free(malloc(100));
		usleep(5000);
	}
	return unused;
}

int main(void)
{
	static const int calls[] = { SYS_openat, SYS_membarrier };
	struct sigaction action = { .sa_sigaction = refuse, .sa_flags = SA_SIGINFO | SA_NODEFER };
	pthread_t thread;

	sigaction(SIGSYS, &action, NULL);
	filter_install(calls, 2, SECCOMP_RET_TRAP, SECCOMP_RET_ALLOW);
	EXPECT(pthread_create(&thread, NULL, live, NULL) == 0, "no thread");
	pthread_join(thread, NULL);
	EXPECT(atomic_load(&trapped) > 0, "nothing was trapped");
	return 0;
}
