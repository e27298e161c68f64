/*
 * Whatever eight threads do while the generations turn, no dump shows more held or reserved than the
 * budgets of all pools and of one CPU allow; what does not fit is dropped, and the figures add up.
 * @no-preload
 * @env TIDEPOOL_TICK=10ms
 * @env TIDEPOOL_ADMIT=0
 * @env TIDEPOOL_MAX=300k
 * @env TIDEPOOL_MAX_CPU=100k
 * @variants rseq lock delay norseq
 */
#include "churn.h"
#include "watch.h"

#define THREADS 8
#define SAMPLES 400
#define MAX_BYTES (300 << 10)
#define MAX_CPU_BYTES (100 << 10)

static void expect_within(void)
{
	long long caches = dump_number(dump_text, "caches");
	long long most = caches * MAX_CPU_BYTES < MAX_BYTES ? caches * MAX_CPU_BYTES : MAX_BYTES;

	EXPECT(watch_turn("reserved_bytes") <= most, "%lld bytes are reserved of %lld", watch_turn("reserved_bytes"),
	    most);
	EXPECT(watch_total("held_bytes") <= most, "%lld bytes are held of %lld", watch_total("held_bytes"), most);
	EXPECT(watch_turn("held_primary_bytes") + watch_turn("held_victim_bytes") <= most,
	    "%lld and %lld bytes are held of %lld", watch_turn("held_primary_bytes"), watch_turn("held_victim_bytes"),
	    most);
}

static int body(void)
{
	static struct churn churns[THREADS];
	pthread_t threads[THREADS];
	long long most_held = 0;

	churn_init_slots();
	churn_start(threads, churns, THREADS, 1);
	for (int i = 0; i < SAMPLES; i++) {
		watch_read();
		expect_within();
		most_held = watch_total("held_bytes") > most_held ? watch_total("held_bytes") : most_held;
		usleep(2000);
	}
	churn_end(threads, THREADS);
	churn_finish_slots();
	watch_read();
	expect_within();
	EXPECT(most_held > MAX_CPU_BYTES / 4, "never more than %lld bytes were held", most_held);
	EXPECT(watch_total("spilled") > 0 && watch_turn("denied_bytes") > 0, "nothing was dropped or refused");
	watch_two_ticks();
	EXPECT(watch_total("held_objects") == 0, "%lld objects are held", watch_total("held_objects"));
	EXPECT(watch_total("inherited") + watch_total("puts") - watch_total("spilled") -
		       (watch_total("gets") - watch_total("from_slab") - watch_total("unpooled")) +
		       watch_total("refilled") - watch_total("drained") ==
		   0,
	    "the sums are not what is held: %.500s", dump_section("totals"));
	return 0;
}

int main(int argc, char **argv)
{
	return watch_run(argc, argv, body);
}
