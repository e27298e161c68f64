/*
 * A child made by clone without CLONE_VM is a fork that runs no fork handlers: it allocates, frees
 * what it inherited, makes a child of its own, and leaves by _exit.
 */
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "churn.h"

#define STACK_BYTES (256 << 10)

static char *stack;

static int live_as_child(void *argument)
{
	struct churn *churn = argument;

	alarm(60); /* a deadlock ends by SIGALRM */
	churn_steps(churn, 2000);
	if (churn->id == 1) {
		churn->id = 2;
		pid_t pid = clone(live_as_child, stack + STACK_BYTES / 2, SIGCHLD, churn);
		int status;
		EXPECT(pid > 0 && waitpid(pid, &status, 0) == pid, "no grandchild");
		EXPECT(status == 0, "the grandchild ended with wait status %#x", status);
	}
	churn_finish(churn);
	_exit(0);
}

static void *sleep_long(void *argument)
{
	free(malloc(1000));
	pause();
	return argument;
}

int main(void)
{
	static struct churn churn;
	pthread_t thread;

	stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	EXPECT(stack != MAP_FAILED, "no stack for the child");
	churn_init_slots();
	churn_init(&churn, 1);
	churn.alone = true;
	for (int i = 0; i < 200; i++) {
		if (i == 100)
			pthread_create(&thread, NULL, sleep_long, NULL);
		churn_steps(&churn, 500);
		pid_t pid = clone(live_as_child, stack + STACK_BYTES, SIGCHLD, &churn);
		EXPECT(pid > 0, "cannot clone: %s", strerror(errno));
		int status;
		EXPECT(waitpid(pid, &status, 0) == pid, "cannot wait for the child");
		EXPECT(status == 0, "the child ended with wait status %#x", status);
	}
	churn_finish(&churn);
	return 0;
}
