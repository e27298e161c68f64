/*
 * A process whose main thread leaves by pthread_exit ends when its last own thread does, and the
 * timer's thread does not keep it: not in its sleep between two ticks of an hour, nor where
 * nothing is held, nor where threads come and go after.
 * @no-preload
 * @env TIDEPOOL_TICK=1h
 */
#include <pthread.h>

#include "child.h"
#include "tasks.h"

static void *leave_soon(void *argument)
{
	void *kept = malloc(3000);

	usleep(100000);
	free(kept);
	return argument;
}

static void *start_more_and_leave(void *argument)
{
	pthread_t thread;

	usleep(100000);
	for (int i = 0; i < 5; i++) {
		EXPECT(pthread_create(&thread, NULL, leave_soon, NULL) == 0, "no thread");
		if (i < 4)
			pthread_join(thread, NULL);
	}
	return argument;
}

static int leave(const char *part)
{
	pthread_t thread;

	if (strcmp(part, "alone") != 0)
		EXPECT(pthread_create(
			   &thread, NULL, strcmp(part, "more") == 0 ? start_more_and_leave : leave_soon, NULL) == 0,
		    "no thread");
	tasks_wait_for_tidepool();
	if (strcmp(part, "later") == 0)
		pthread_join(thread, NULL);
	pthread_exit(NULL);
}

int main(int argc, char **argv)
{
	static const char *const parts[] = { "before", "more", "later", "alone" };
	static struct child child;

	if (argc > 1)
		return leave(argv[1]);
	for (int i = 0; i < 4; i++) {
		child_run(&child, parts[i], NULL, i == 3 ? "TIDEPOOL_TIMER=thread" : "TIDEPOOL_TIMER=auto", NULL);
		child_expect_exit(&child, 0);
		child_run(&child, parts[i], NULL, "TIDEPOOL_TIMER=thread", "TIDEPOOL_TICK=10ms", NULL);
		child_expect_exit(&child, 0);
	}
	return 0;
}
