/*
 * After threads have allocated, freed and passed objects on over many ticks, and all is quiet, the
 * figures add up exactly: every get has one source, every object held came from somewhere; so
 * they do in a forked child, for what it did itself.
 * @no-preload
 * @env TIDEPOOL_TICK=10ms
 * @variants rseq lock delay norseq
 */
#include "churn.h"
#include "sums.h"
#include "watch.h"

#define THREADS 5
#define RUN_US 1500000

static void expect_figures(void)
{
	watch_read();
	long long drained = expect_all_sums();

	EXPECT(watch_turn("drained_objects") == drained && watch_total("drained") == drained,
	    "the turns drained %lld objects, the totals say %lld, the classes %lld", watch_turn("drained_objects"),
	    watch_total("drained"), drained);
	EXPECT(watch_turn("drained_bytes") >= 16 * drained, "%lld objects have %lld bytes", drained,
	    watch_turn("drained_bytes"));
	EXPECT(watch_turn("refused") == 0, "%lld turns were refused", watch_turn("refused"));
	EXPECT(watch_turn("turns") <= watch_turn("ticks") + 2 * watch_turn("pressure_events") + 2 * 2,
	    "%lld turns in %lld ticks", watch_turn("turns"), watch_turn("ticks"));
}

static void run(unsigned first_id)
{
	static struct churn churns[THREADS];
	pthread_t threads[THREADS];

	atomic_store(&churn_stop, false);
	churn_init_slots();
	churn_start(threads, churns, THREADS, first_id);
	usleep(RUN_US);
	churn_end(threads, THREADS);
	/* Only this thread and the timer's are left: sleep past a tick that may be under way. */
	churn_finish_slots();
	watch_two_ticks();
}

static int body(void)
{
	int status;

	run(1);
	expect_figures();
	EXPECT(watch_turn("ticks") > 10 && watch_turn("turns") > 10, "%lld ticks and %lld turns", watch_turn("ticks"),
	    watch_turn("turns"));
	EXPECT(watch_turn("drained_objects") > 0 && watch_turn("tick_ns") > 0, "nothing was drained in no time");
	EXPECT(watch_total("victim") > 0, "no victim was taken from");
	EXPECT(watch_turn("returned_bytes") > 0, "nothing went back");
	malloc_trim(0);
	malloc_trim(0);
	expect_figures();

	pid_t pid = fork();
	if (pid == 0) {
		watch_read();
		EXPECT(watch_turn("drained_objects") == 0 && watch_turn("ticks") == 0, "the child begins with %s",
		    dump_section("turn"));
		run(100);
		expect_figures();
		_exit(0);
	}
	EXPECT(waitpid(pid, &status, 0) == pid && status == 0, "the child ended with %#x", status);
	return 0;
}

int main(int argc, char **argv)
{
	return watch_run(argc, argv, body);
}
