/*
 * Threads vfork, posix_spawn and run programs while others allocate and turn the generations; the
 * vfork children allocate and free through slow paths: no object is handed out twice, nothing hangs.
 * @env TIDEPOOL_TICK=10ms
 * @env TIDEPOOL_TIMER=thread
 * @variants rseq lock delay norseq
 */
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>

#include "churn.h"

#define THREADS 3
#define SECONDS 3

extern char **environ;
static _Atomic unsigned children;

static void *turn(void *unused)
{
	while (!atomic_load_explicit(&churn_stop, memory_order_relaxed)) {
		malloc_trim(0);
		usleep(50);
	}
	return unused;
}

/* What the vfork child does, apart, so that no variable of its parent's frame is written. */
__attribute__((noinline)) static void allocate_in_child(void)
{
	void *objects[40];

	for (int i = 0; i < 40; i++) {
		objects[i] = malloc((size_t)1 << (4 + i % 14));
		if (!objects[i])
			_exit(2);
		memset(objects[i], 0x55, 16);
	}
	for (int i = 0; i < 40; i++)
		free(objects[i]);
	_exit(0);
}

__attribute__((noinline)) static void expect_end(pid_t pid)
{
	int status;

	EXPECT(pid > 0, "no child: %s", strerror(errno));
	EXPECT(waitpid(pid, &status, 0) == pid && status == 0, "the child ended with %#x", status);
	children++;
}

static void *vfork_often(void *argument)
{
	static char name[] = "/bin/true";
	char *const arguments[] = { name, NULL };

	while (!atomic_load_explicit(&churn_stop, memory_order_relaxed)) {
		pid_t spawned = -1, pid = vfork();
		if (pid == 0)
			allocate_in_child();
		expect_end(pid);
		EXPECT(posix_spawn(&spawned, name, NULL, NULL, arguments, environ) == 0, "no child");
		expect_end(spawned);
	}
	return argument;
}

int main(void)
{
	static struct churn churns[THREADS];
	pthread_t threads[THREADS], turner, parents[2];

	churn_init_slots();
	churn_start(threads, churns, THREADS, 1);
	pthread_create(&turner, NULL, turn, NULL);
	for (int i = 0; i < 2; i++)
		pthread_create(&parents[i], NULL, vfork_often, NULL);
	sleep(SECONDS);
	churn_end(threads, THREADS);
	pthread_join(turner, NULL);
	for (int i = 0; i < 2; i++)
		pthread_join(parents[i], NULL);
	churn_finish_slots();
	EXPECT(children > 5, "only %u children were made", children);
	return 0;
}
