/*
 * More threads than CPUs allocate, resize, free and pass on objects of all sizes for some seconds
 * while signals interrupt them; every object's owner word is checked before it is freed.
 * @variants rseq lock delay norseq
 */
#include <sched.h>
#include <signal.h>
#include <sys/time.h>
#include <time.h>

#include "churn.h"

#define MOST_THREADS 64
#define SECONDS 5

static void ignore(int number)
{
	(void)number;
}

int main(void)
{
	static struct churn churns[MOST_THREADS];
	pthread_t threads[MOST_THREADS];
	struct sigaction action = { .sa_handler = ignore, .sa_flags = SA_RESTART };
	struct itimerval often = { { 0, 500 }, { 0, 500 } };
	cpu_set_t allowed;
	uint64_t steps = 0;

	sched_getaffinity(0, sizeof allowed, &allowed);
	unsigned count = 4 * (unsigned)CPU_COUNT(&allowed) + 1;
	if (count > MOST_THREADS)
		count = MOST_THREADS;

	sigaction(SIGALRM, &action, NULL);
	churn_init_slots();
	churn_start(threads, churns, count, 1);
	setitimer(ITIMER_REAL, &often, NULL);
	struct timespec end, now;
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += SECONDS;
	do {
		pause();
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (now.tv_sec < end.tv_sec || (now.tv_sec == end.tv_sec && now.tv_nsec < end.tv_nsec));
	churn_end(threads, count);
	churn_finish_slots();
	for (unsigned i = 0; i < count; i++)
		steps += churns[i].steps;
	EXPECT(steps > 1000, "only %llu steps were made", (unsigned long long)steps);
	return 0;
}
