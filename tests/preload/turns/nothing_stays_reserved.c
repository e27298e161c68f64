/*
 * When all has gone back after many threads, turns and forks, no byte of the budgets is reserved any
 * more, in the program as in children that were forked in the midst of it.
 * @no-preload
 * @env TIDEPOOL_TICK=10ms
 * @env TIDEPOOL_ADMIT=0
 * @env TIDEPOOL_MAX=2m
 * @variants rseq lock delay norseq
 */
#include <sys/wait.h>

#include "churn.h"
#include "watch.h"

#define THREADS 6
#define ROUNDS 3
#define FORKS 40

static void expect_nothing(const char *where)
{
	malloc_trim(0);
	malloc_trim(0);
	watch_read();
	EXPECT(watch_total("held_objects") == 0, "%s: %lld objects are held", where, watch_total("held_objects"));
	EXPECT(watch_turn("reserved_bytes") == 0, "%s: %lld bytes are reserved", where, watch_turn("reserved_bytes"));
}

static void fork_one(void)
{
	int status;
	pid_t pid = fork();

	EXPECT(pid >= 0, "cannot fork");
	if (pid == 0) {
		for (int i = 0; i < 100; i++)
			free(malloc(100));
		expect_nothing("a child");
		_exit(0);
	}
	EXPECT(waitpid(pid, &status, 0) == pid && status == 0, "the child ended with %#x", status);
}

static int body(void)
{
	static struct churn churns[THREADS];
	pthread_t threads[THREADS];

	for (unsigned round = 0; round < ROUNDS; round++) {
		churn_init_slots();
		atomic_store(&churn_stop, false);
		churn_start(threads, churns, THREADS, 1 + round * THREADS);
		for (int i = 0; i < FORKS; i++) {
			fork_one();
			if (i % 10 == 0)
				malloc_trim(0);
		}
		churn_end(threads, THREADS);
		churn_finish_slots();
		watch_read();
		EXPECT(watch_total("gets") > 1000, "%lld gets", watch_total("gets"));
	}
	watch_two_ticks();
	expect_nothing("the program");
	return 0;
}

int main(int argc, char **argv)
{
	return watch_run(argc, argv, body);
}
