/*
 * A running program installs a filter that refuses membarrier: turns do not happen any more and are
 * counted as refused, the pools go on, and no object is handed out twice. Without restartable
 * sequences no fence is needed, and nothing is refused.
 * @no-preload
 * @env TIDEPOOL_TICK=10ms
 * @variants rseq lock delay norseq
 */
#include "churn.h"
#include "filter.h"
#include "watch.h"

#define THREADS 4
#define RUN_US 1000000

static int body(void)
{
	static const int refused[] = { SYS_membarrier };
	static struct churn churns[THREADS];
	pthread_t threads[THREADS];

	churn_init_slots();
	churn_start(threads, churns, THREADS, 1);
	usleep(RUN_US / 2);
	watch_read();
	long long turns = watch_turn("turns");
	int by_rseq = strncmp(dump_section("cache_guard"), "\"rseq\"", 6) == 0;
	EXPECT(
	    turns > 0 && watch_turn("refused") == 0, "at first %lld turns, %lld refused", turns, watch_turn("refused"));
	filter_refuse(refused, 1, EPERM);
	/* Filters are of a thread: turn from this one. */
	for (int i = 0; i < 100; i++) {
		malloc_trim(0);
		usleep(RUN_US / 100);
	}
	watch_read();
	if (by_rseq)
		EXPECT(watch_turn("refused") > 0, "nothing was refused in %lld turns", watch_turn("turns"));
	else
		EXPECT(watch_turn("refused") == 0, "%lld turns were refused", watch_turn("refused"));
	churn_end(threads, THREADS);
	churn_finish_slots();
	watch_read();
	EXPECT(watch_total("gets") > 1000, "%lld gets", watch_total("gets"));
	return 0;
}

int main(int argc, char **argv)
{
	return watch_run(argc, argv, body);
}
