/*
 * A thread by clone() that has its parent's thread-local data has the parent's registration as well, and no
 * sections of its own. It allocates while its parent sleeps and other threads allocate: nothing is handed out twice.
 * @variants rseq lock delay norseq
 */
#include <linux/futex.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "churn.h"

#define ALLOCATORS 3
#define STACK_BYTES (256 << 10)

static volatile int tid = 1; /* the kernel's to clear */

static int live(void *argument)
{
	churn_steps(argument, 300000);
	syscall(SYS_exit, 0);
	return 0;
}

int main(void)
{
	static struct churn churns[ALLOCATORS], own;
	pthread_t allocators[ALLOCATORS];
	char *stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);

	EXPECT(stack != MAP_FAILED, "no stack");
	churn_init_slots();
	churn_init(&own, 100);
	churn_start(allocators, churns, ALLOCATORS, 1);
	int flags =
	    CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_CHILD_CLEARTID;
	EXPECT(clone(live, stack + STACK_BYTES, flags, &own, NULL, NULL, &tid) > 0, "cannot clone");
	while (tid != 0)
		syscall(SYS_futex, &tid, FUTEX_WAIT, 1, NULL, NULL, 0);
	churn_finish(&own);
	churn_end(allocators, ALLOCATORS);
	churn_finish_slots();
	return 0;
}
