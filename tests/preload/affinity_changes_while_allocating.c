/*
 * Threads that allocate are moved from CPU to CPU, by themselves and by another thread, thousands
 * of times: no object is handed out twice.
 * @variants rseq lock delay norseq
 */
#include <sched.h>
#include <time.h>

#include "churn.h"

#define THREADS 4

static cpu_set_t allowed;
static _Atomic pid_t tids[THREADS];

static void move(pid_t tid, uint64_t random)
{
	unsigned which = (unsigned)(random % (unsigned)CPU_COUNT(&allowed));
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &allowed) || which--)
			continue;
		cpu_set_t one;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		EXPECT(sched_setaffinity(tid, sizeof one, &one) == 0, "cannot move to CPU %d", cpu);
		return;
	}
}

static void *allocate_and_move(void *argument)
{
	struct churn *churn = argument;

	tids[churn->id - 1] = gettid();
	while (!churn_stop) {
		churn_steps(churn, 1 + churn_random(churn) % 200);
		move(0, churn_random(churn));
	}
	churn_finish(churn);
	return NULL;
}

int main(void)
{
	static struct churn churns[THREADS];
	pthread_t threads[THREADS];

	sched_getaffinity(0, sizeof allowed, &allowed);
	churn_init_slots();
	for (unsigned i = 0; i < THREADS; i++) {
		churn_init(&churns[i], i + 1);
		EXPECT(pthread_create(&threads[i], NULL, allocate_and_move, &churns[i]) == 0, "no thread");
	}
	for (uint64_t i = 0; i < 15000; i++) {
		struct timespec pause = { 0, 100000 };
		nanosleep(&pause, NULL);
		if (tids[i % THREADS])
			move(tids[i % THREADS], i / THREADS);
	}
	churn_end(threads, THREADS);
	churn_finish_slots();
	return 0;
}
