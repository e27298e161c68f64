/*
 * TIDEPOOL_TIMER=thread starts the thread without one of the program's; inline never does, nor does
 * auto where there is no tick or nothing is pooled.
 * @no-preload
 * @variants rseq lock norseq
 */
#include <pthread.h>

#include "child.h"
#include "tasks.h"

#define THREADS 3

static void *use_memory(void *argument)
{
	for (int i = 0; i < 20; i++) {
		for (size_t size = 1; size < 100000; size *= 3)
			free(malloc(size));
		usleep(5000);
	}
	return argument;
}

static int never(void)
{
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		EXPECT(pthread_create(&threads[i], NULL, use_memory, NULL) == 0, "no thread");
	use_memory(NULL);
	struct tasks tasks = tasks_look();
	EXPECT(!tasks.tidepool && tasks.count <= THREADS + 1, "the process has %d threads, %d named tidepool",
	    tasks.count, tasks.tidepool_count);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	return 0;
}

static int always(void)
{
	tasks_wait_for_tidepool();
	EXPECT(tasks_look().count == 2, "the process has %d threads", tasks_look().count);
	return 0;
}

static void expect(const char *part, char *tick, char *timer, char *mode)
{
	static struct child child;

	child_run(&child, part, NULL, tick, timer, mode, NULL);
	EXPECT(child.status == 0, "%s %s %s: wait status %#x, stderr %s", tick, timer, mode, child.status, child.err);
}

int main(int argc, char **argv)
{
	static char none[] = "TIDEPOOL_TICK=0", often[] = "TIDEPOOL_TICK=10ms";
	static char thread[] = "TIDEPOOL_TIMER=thread", by_itself[] = "TIDEPOOL_TIMER=auto";
	static char inline_only[] = "TIDEPOOL_TIMER=inline";
	static char pool[] = "TIDEPOOL_MODE=pool", count[] = "TIDEPOOL_MODE=count", off[] = "TIDEPOOL_MODE=off";

	if (argc > 1)
		return strcmp(argv[1], "always") == 0 ? always() : never();
	expect("always", often, thread, pool);
	expect("never", often, inline_only, pool);
	expect("never", none, thread, pool);
	expect("never", none, by_itself, pool);
	expect("never", often, thread, count);
	expect("never", often, by_itself, off);
	return 0;
}
