/*
 * A process whose main thread leaves by thrd_exit, or because it is cancelled, ends when its last
 * own thread does; the timer's thread does not keep it, out of reach of any signal but SIGKILL.
 * @no-preload
 * @env TIDEPOOL_TICK=1h
 */
#include <pthread.h>
#include <signal.h>
#include <threads.h>

#include "child.h"
#include "tasks.h"

#define MOST_SECONDS 5

static pthread_t main_thread;

/* Beside the process, which may be deaf to alarms: end it if it does not end itself. */
static void guard(void)
{
	pid_t guarded = getpid();

	if (fork() != 0)
		return;
	for (int i = 0; i < MOST_SECONDS * 100; i++) {
		usleep(10000);
		if (getppid() != guarded)
			_exit(0);
	}
	kill(guarded, SIGKILL);
	_exit(0);
}

static void *cancel_main(void *argument)
{
	if (argument) {
		tasks_wait_for_tidepool();
		pthread_cancel(main_thread);
	} else {
		usleep(100000); /* stay a little longer than main; by then the timer's thread may be gone */
	}
	return NULL;
}

static int leave(const char *part)
{
	pthread_t thread;
	int cancelled = strcmp(part, "cancelled") == 0;

	main_thread = pthread_self();
	EXPECT(pthread_create(&thread, NULL, cancel_main, cancelled ? &main_thread : NULL) == 0, "no thread");
	tasks_wait_for_tidepool();
	if (!cancelled)
		thrd_exit(0);
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	static const char *const parts[] = { "thrd_exit", "cancelled" };
	static struct child children[2];

	if (argc > 1)
		return leave(argv[1]);
	for (int i = 0; i < 2; i++)
		child_run(&children[i], parts[i], guard, NULL);
	EXPECT(children[0].status == 0 && children[1].status == 0,
	    "after thrd_exit the process ended with wait status %#x, after a cancellation with %#x; 0x9 where it was "
	    "kept",
	    children[0].status, children[1].status);
	return 0;
}
