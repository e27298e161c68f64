/*
 * A vfork child, which shares its parent's memory, moves to another CPU and allocates there, while
 * the parent's other threads allocate: no object is handed out twice.
 * @variants rseq lock delay norseq
 */
#include <sched.h>
#include <sys/wait.h>

#include "churn.h"
#include "places.h"

#define VFORKERS 2
#define ALLOCATORS 3
#define VFORKS 300
#define STEPS_IN_CHILD 200

static struct churn child_churns[VFORKERS];

/* All that the child does; in a function of its own, so that the parent's frame stays as it is. */
__attribute__((noinline, noreturn)) static void live_as_child(struct churn *churn, unsigned turn)
{
	places_stay(0, turn);
	churn_steps(churn, STEPS_IN_CHILD);
	places_stay(0, turn + 1);
	churn_steps(churn, STEPS_IN_CHILD);
	_exit(0);
}

__attribute__((noinline)) static void vfork_and_wait(struct churn *churn, unsigned turn)
{
	pid_t pid = vfork();
	EXPECT(pid >= 0, "cannot vfork: %s", strerror(errno));
	if (pid == 0)
		live_as_child(churn, turn);
	int status;
	EXPECT(waitpid(pid, &status, 0) == pid, "cannot wait for the child");
	EXPECT(status == 0, "the child ended with wait status %#x", status);
}

static void *vfork_often(void *argument)
{
	struct churn *churn = argument;
	for (unsigned i = 0; i < VFORKS; i++) {
		vfork_and_wait(churn, i);
		churn_steps(churn, 50);
	}
	churn_finish(churn);
	return NULL;
}

int main(void)
{
	static struct churn churns[ALLOCATORS];
	pthread_t vforkers[VFORKERS], allocators[ALLOCATORS];

	places_find();
	churn_init_slots();
	churn_start(allocators, churns, ALLOCATORS, 1);
	for (unsigned i = 0; i < VFORKERS; i++) {
		churn_init(&child_churns[i], 100 + i);
		pthread_create(&vforkers[i], NULL, vfork_often, &child_churns[i]);
	}
	for (unsigned i = 0; i < VFORKERS; i++)
		pthread_join(vforkers[i], NULL);
	churn_end(allocators, ALLOCATORS);
	churn_finish_slots();
	return 0;
}
