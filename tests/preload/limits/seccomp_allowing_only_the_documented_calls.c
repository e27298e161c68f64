/*
 * A sandbox that a program closes after its start allows few system calls. Allocating, in the main
 * thread and in one that was there before, makes none outside the list below.
 */
#include <malloc.h>
#include <semaphore.h>
#include <signal.h>

#include "churn.h"
#include "filter.h"

/* What the library may call once it runs; the list its users put into their filters. */
static const int allowed[] = {
	SYS_mmap,
	SYS_munmap,
	SYS_mprotect,
	SYS_madvise,
	SYS_futex,
	SYS_sched_yield,
	SYS_getcpu,
	SYS_membarrier,
	/* the test's own */
	SYS_write,
	SYS_exit,
	SYS_exit_group,
	SYS_rt_sigreturn,
};

static sem_t closed, done, never;

static void report(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)context;
	expect_leave(1, __FILE__, __LINE__, "", "system call %d was made, which is not on the list", info->si_syscall);
}

/* Close this thread's sandbox, and allocate in all ways. */
static void live(struct churn *churn)
{
	filter_allow_only(allowed, sizeof allowed / sizeof *allowed);
	sem_post(&closed);
	churn_steps(churn, 100000);
	for (size_t size = 1; size < (64 << 20); size = size * 3 + 1) {
		void *object = malloc(size);
		object = realloc(object, size * 2);
		EXPECT(object, "no memory for %zu bytes", size * 2);
		free(object);
	}
	malloc_trim(0);
	churn_finish(churn);
	sem_post(&done);
}

static void *live_in_thread(void *churn)
{
	live(churn);
	sem_wait(&never); /* a thread's end calls more than its allocations do */
	return NULL;
}

int main(void)
{
	static struct churn churns[2];
	struct sigaction action = { .sa_sigaction = report, .sa_flags = SA_SIGINFO };
	pthread_t thread;

	sigaction(SIGSYS, &action, NULL);
	churn_init_slots();
	churn_init(&churns[0], 1);
	churn_init(&churns[1], 2);
	pthread_create(&thread, NULL, live_in_thread, &churns[1]);
	sem_wait(&closed);
	live(&churns[0]);
	sem_wait(&done);
	sem_wait(&done);
	_exit(0);
}
