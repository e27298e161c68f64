/*
 * More threads than CPUs allocate, free and pass on objects while generations turn as fast as they
 * can, signals interrupt, threads move between CPUs, and the process forks: every object's owner
 * word is checked before it is freed, also in the forked children.
 * @env TIDEPOOL_TICK=10ms
 * @env TIDEPOOL_TIMER=thread
 * @variants rseq lock delay norseq
 */
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

#include "churn.h"
#include "places.h"

#define CHURNS 7
#define SECONDS 5
#define FORKS_MAX 400

static _Atomic int tids[CHURNS];
static _Atomic unsigned turns_asked, forks_made;

static void ignore(int number)
{
	(void)number;
}

static void *churn_on_cpus(void *argument)
{
	struct churn *churn = argument;

	tids[churn->id - 1] = gettid();
	while (!atomic_load_explicit(&churn_stop, memory_order_relaxed)) {
		churn_steps(churn, 200 + churn_random(churn) % 2000);
		places_stay(0, (unsigned)churn_random(churn));
	}
	churn_finish(churn);
	return NULL;
}

static void *turn(void *unused)
{
	while (!atomic_load_explicit(&churn_stop, memory_order_relaxed)) {
		malloc_trim(0);
		turns_asked++;
	}
	return unused;
}

static void *fork_often(void *argument)
{
	struct churn *churn = argument;

	while (!atomic_load_explicit(&churn_stop, memory_order_relaxed) && forks_made < FORKS_MAX) {
		int status;

		churn_steps(churn, 200);
		pid_t pid = fork();
		EXPECT(pid >= 0, "cannot fork: %s", strerror(errno));
		if (pid == 0) {
			alarm(30); /* a deadlock ends by SIGALRM */
			churn->alone = true;
			churn_steps(churn, 200);
			malloc_trim(0);
			churn_steps(churn, 200);
			churn_finish(churn);
			_exit(0);
		}
		while (waitpid(pid, &status, 0) < 0)
			EXPECT(errno == EINTR, "cannot wait: %s", strerror(errno));
		EXPECT(status == 0, "the child ended with wait status %#x", status);
		forks_made++;
		usleep(5000);
	}
	churn_finish(churn);
	return NULL;
}

int main(void)
{
	static struct churn churns[CHURNS], forking;
	pthread_t threads[CHURNS], turner, forker;
	struct sigaction action = { .sa_handler = ignore, .sa_flags = SA_RESTART };
	struct itimerval often = { { 0, 500 }, { 0, 500 } };
	struct timespec end, now;

	places_find();
	sigaction(SIGALRM, &action, NULL);
	churn_init_slots();
	churn_init(&forking, 100);
	forking.doublings = 8;
	for (unsigned i = 0; i < CHURNS; i++) {
		churn_init(&churns[i], i + 1);
		EXPECT(pthread_create(&threads[i], NULL, churn_on_cpus, &churns[i]) == 0, "no thread");
	}
	EXPECT(pthread_create(&turner, NULL, turn, NULL) == 0, "no thread");
	EXPECT(pthread_create(&forker, NULL, fork_often, &forking) == 0, "no thread");
	setitimer(ITIMER_REAL, &often, NULL);
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += SECONDS;
	for (unsigned i = 0;; i++) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec > end.tv_sec || (now.tv_sec == end.tv_sec && now.tv_nsec >= end.tv_nsec))
			break;
		usleep(1000);
		if (tids[i % CHURNS])
			places_stay(tids[i % CHURNS], i / CHURNS);
	}
	churn_end(threads, CHURNS);
	pthread_join(turner, NULL);
	pthread_join(forker, NULL);
	churn_finish_slots();
	EXPECT(turns_asked > 20 && forks_made > 5, "only %u turns and %u forks", turns_asked, forks_made);
	return 0;
}
