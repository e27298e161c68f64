/*
 * Again and again nothing is held, so that the timer sleeps; then threads on all CPUs allocate and
 * free at once while others call malloc_trim: no object is handed out twice, and memory still goes back.
 * @env TIDEPOOL_TICK=10ms
 * @env TIDEPOOL_TIMER=thread
 * @variants rseq lock delay norseq
 */
#include <time.h>

#include "churn.h"
#include "places.h"

#define CHURNS 4
#define TRIMMERS 2
#define ROUNDS 120
#define STEPS 3000
#define QUIET_US 25000 /* two ticks and a little */

static pthread_barrier_t begin, done;
static _Atomic int churning;

static void *burst(void *argument)
{
	struct churn *churn = argument;

	places_stay(0, churn->id);
	for (int round = 0; round < ROUNDS; round++) {
		pthread_barrier_wait(&begin);
		churn_steps(churn, 1 + (unsigned)round % 2 * STEPS);
		churn_finish(churn);
		atomic_fetch_sub(&churning, 1);
		pthread_barrier_wait(&done);
	}
	return NULL;
}

static void *trim(void *unused)
{
	for (int round = 0; round < ROUNDS; round++) {
		pthread_barrier_wait(&begin);
		do
			malloc_trim(0);
		while (atomic_load(&churning) > 0);
		pthread_barrier_wait(&done);
	}
	return unused;
}

int main(void)
{
	static struct churn churns[CHURNS];
	pthread_t threads[CHURNS + TRIMMERS];

	places_find();
	churn_init_slots();
	pthread_barrier_init(&begin, NULL, CHURNS + TRIMMERS + 1);
	pthread_barrier_init(&done, NULL, CHURNS + TRIMMERS + 1);
	for (unsigned i = 0; i < CHURNS + TRIMMERS; i++) {
		if (i < CHURNS)
			churn_init(&churns[i], i + 1);
		EXPECT(pthread_create(&threads[i], NULL, i < CHURNS ? burst : trim, &churns[i % CHURNS]) == 0,
		    "no thread");
	}
	for (int round = 0; round < ROUNDS; round++) {
		usleep(QUIET_US + (useconds_t)(round * 97 % 10000));
		atomic_store(&churning, CHURNS);
		pthread_barrier_wait(&begin);
		pthread_barrier_wait(&done);
		if (round % 8 == 0)
			churn_finish_slots();
	}
	for (unsigned i = 0; i < CHURNS + TRIMMERS; i++)
		pthread_join(threads[i], NULL);
	churn_finish_slots();
	return 0;
}
