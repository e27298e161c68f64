/*
 * A vfork child resets, ignores and receives the signal named by TIDEPOOL_STATS_SIGNAL; it finds
 * its parent's handler there, and its parent keeps it.
 * @env TIDEPOOL_STATS=json
 * @env TIDEPOOL_STATS_FILE=/dev/null
 * @env TIDEPOOL_STATS_SIGNAL=USR1
 */
#include <signal.h>
#include <sys/wait.h>

#include "expect.h"

static volatile sig_atomic_t handled;

static void handle(int number)
{
	handled += number == SIGUSR1;
}

static void reset(void)
{
	struct sigaction none = { .sa_handler = SIG_DFL }, old, again;

	EXPECT(sigaction(SIGUSR1, NULL, &old) == 0 && old.sa_handler == handle, "the child finds another handler");
	EXPECT(sigaction(SIGUSR1, &none, &old) == 0 && old.sa_handler == handle, "the child resets another handler");
	EXPECT(sigaction(SIGUSR1, NULL, &again) == 0 && again.sa_handler == SIG_DFL, "the child did not reset it");
	EXPECT(signal(SIGUSR1, SIG_IGN) == SIG_DFL, "the child's own action is not what it set");
	raise(SIGUSR1);
}

static void receive(void)
{
	raise(SIGUSR1);
}

__attribute__((noinline)) static void vfork_and(void (*part)(void))
{
	int status;
	pid_t pid = vfork();

	if (pid == 0) {
		part();
		_exit(0);
	}
	EXPECT(waitpid(pid, &status, 0) == pid && status == 0, "the child ended with wait status %#x", status);
}

int main(void)
{
	struct sigaction once = { .sa_handler = handle, .sa_flags = (int)SA_RESETHAND }, now;

	EXPECT(signal(SIGUSR1, handle) == SIG_DFL, "the signal had a handler");
	vfork_and(reset);
	EXPECT(handled == 0, "the handler ran in the child that ignores the signal");
	raise(SIGUSR1);
	EXPECT(handled == 1, "the parent's handler ran %d times", (int)handled);

	/* a handler that serves once serves once in each of them */
	sigaction(SIGUSR1, &once, NULL);
	vfork_and(receive);
	EXPECT(handled == 2, "the handler did not run in the child");
	EXPECT(sigaction(SIGUSR1, NULL, &now) == 0 && now.sa_handler == handle, "the child reset its parent's handler");
	raise(SIGUSR1);
	EXPECT(handled == 3, "the handler did not run in the parent");
	EXPECT(sigaction(SIGUSR1, NULL, &now) == 0 && now.sa_handler == SIG_DFL, "the handler was not reset");
	return 0;
}
