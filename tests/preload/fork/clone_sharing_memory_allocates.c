/*
 * A child made by clone(CLONE_VM), with CLONE_VFORK and without, allocates on another CPU while
 * the other threads of its parent do; its creator waits. No object is handed out twice.
 * @variants rseq lock delay norseq
 */
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "churn.h"
#include "places.h"

#define ALLOCATORS 3
#define CLONES 200
#define STACK_BYTES (256 << 10)

static unsigned turn;

static int live_as_child(void *argument)
{
	for (int i = 0; i < 3; i++) {
		places_stay(0, turn++);
		churn_steps(argument, 150);
	}
	_exit(0);
}

int main(void)
{
	static struct churn churns[ALLOCATORS], child_churn;
	pthread_t allocators[ALLOCATORS];
	char *stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);

	EXPECT(stack != MAP_FAILED, "no stack for the child");
	places_find();
	churn_init_slots();
	churn_init(&child_churn, 100);
	churn_start(allocators, churns, ALLOCATORS, 1);
	for (int i = 0; i < CLONES; i++) {
		int flags = CLONE_VM | SIGCHLD | (i % 2 ? CLONE_VFORK : 0);
		pid_t pid = clone(live_as_child, stack + STACK_BYTES, flags, &child_churn);
		EXPECT(pid > 0, "cannot clone: %s", strerror(errno));
		int status;
		EXPECT(waitpid(pid, &status, 0) == pid, "cannot wait for the child");
		EXPECT(status == 0, "the child ended with wait status %#x", status);
		churn_steps(&child_churn, 50);
	}
	churn_finish(&child_churn);
	churn_end(allocators, ALLOCATORS);
	churn_finish_slots();
	return 0;
}
