/*
 * A forked child of a program with the timer's thread has one of its own once it needs it, or keeps
 * time by itself where the program leaves that to the library: what it frees, and what it
 * inherited, goes back. So does its child's.
 * @no-preload
 * @env TIDEPOOL_TICK=20ms
 */
#include <pthread.h>

#include "tasks.h"
#include "watch.h"

#define OBJECTS 3000
#define GENERATIONS 2

static void *objects[OBJECTS];

static void *nothing(void *argument)
{
	return argument;
}

static void allocate(void)
{
	for (int i = 0; i < OBJECTS; i++) {
		objects[i] = malloc(1500);
		EXPECT(objects[i], "no memory");
		memset(objects[i], 1, 1500);
	}
}

static void free_all(void)
{
	for (int i = 0; i < OBJECTS; i++)
		free(objects[i]);
}

/* Wait until what was freed has gone back; without a thread, by slow paths of the program. */
static void expect_release(int by_thread)
{
	double end = watch_seconds() + WATCH_SECONDS;

	if (by_thread) {
		watch_two_ticks();
		return;
	}
	do {
		EXPECT(watch_seconds() < end, "the pools hold %lld objects", watch_total("held_objects"));
		usleep(5000);
		free(malloc(100000));
		watch_read();
	} while (watch_total("held_objects") > 0);
}

/* In the child: let go of what was inherited; then have a child that does, and so on. */
static void be_a_child(int by_thread)
{
	for (int generation = 0;; generation++) {
		alarm(40); /* a deadlock ends by SIGALRM */
		free_all();
		free(malloc(100000));
		if (by_thread)
			tasks_wait_for_tidepool();
		expect_release(by_thread);
		EXPECT(by_thread || tasks_look().count == 1, "the child has %d threads", tasks_look().count);
		if (generation == GENERATIONS)
			_exit(0);
		allocate();
		pid_t pid = fork();
		if (pid == 0)
			continue;
		int status;
		EXPECT(waitpid(pid, &status, 0) == pid && status == 0, "a child's child ended with %#x", status);
		_exit(0);
	}
}

static int body(void)
{
	int by_thread = strcmp(getenv("TIDEPOOL_TIMER"), "thread") == 0, status;
	pthread_t thread;

	if (!by_thread) {
		EXPECT(pthread_create(&thread, NULL, nothing, NULL) == 0, "no thread");
		pthread_join(thread, NULL);
	}
	tasks_wait_for_tidepool();
	for (int i = 0; i < 4; i++) {
		allocate();
		if (i % 2) {
			watch_two_ticks();
			usleep(60000); /* the thread sleeps for good */
		}
		pid_t pid = fork();
		EXPECT(pid >= 0, "cannot fork");
		if (pid == 0)
			be_a_child(by_thread);
		free_all();
		expect_release(1);
		EXPECT(waitpid(pid, &status, 0) == pid && status == 0, "the child ended with %#x", status);
	}
	EXPECT(tasks_look().tidepool_count == 1, "%d threads are named tidepool", tasks_look().tidepool_count);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 1) {
		setenv("TIDEPOOL_TIMER", "thread", 1);
		watch_run(argc, argv, body);
		setenv("TIDEPOOL_TIMER", "auto", 1);
	}
	return watch_run(argc, argv, body);
}
