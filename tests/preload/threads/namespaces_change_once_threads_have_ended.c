/*
 * Some namespaces may only be left or entered by a process of one thread. A program whose own threads have
 * ended is one: the timer's thread gives way, and comes again with the program's next.
 * @env TIDEPOOL_TICK=10ms
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/wait.h>

#include "tasks.h"

static void *allocate(void *argument)
{
	free(malloc(1000));
	return argument;
}

static void run_thread(void)
{
	pthread_t thread;

	EXPECT(pthread_create(&thread, NULL, allocate, NULL) == 0 && pthread_join(thread, NULL) == 0, "no thread");
}

static int unshare_user(void)
{
	return unshare(CLONE_NEWUSER);
}

static int enter_mounts(void)
{
	return setns(open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC), CLONE_NEWNS);
}

/* A thread that was joined is counted by the kernel for a moment more, and refused for, with and without us. */
static void wait_for_ends(void)
{
	for (int i = 0; i < TASKS_POLLS && tasks_look().count > 2; i++)
		usleep(5000);
}

/* In a process of its own. Returns the status that it ended with: 77 where the kernel refuses without threads, too. */
static int try_in_child(int (*change)(void), int threads)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		for (int i = 0; i < threads; i++)
			run_thread();
		if (threads > 0) {
			tasks_wait_for_tidepool();
			wait_for_ends();
		}
		errno = 4711;
		if (change() != 0)
			_exit(threads > 0 ? 1 : EXPECT_SKIPPED);
		EXPECT(errno == 4711, "errno is %d", errno);
		EXPECT(tasks_look().count == 1, "%d threads are left", tasks_look().count);
		for (int i = 0; i < 100000; i++)
			free(malloc((size_t)i % 3000));
		run_thread();
		tasks_wait_for_tidepool();
		_exit(0);
	}
	EXPECT(pid > 0 && waitpid(pid, &status, 0) == pid, "no child");
	return status >> 8;
}

static void expect_change(int (*change)(void), const char *name)
{
	int status = try_in_child(change, 0);

	if (status == EXPECT_SKIPPED)
		return;
	EXPECT(status == 0, "%s without threads ended with %d", name, status);
	for (int threads = 1; threads <= 3; threads++)
		EXPECT((status = try_in_child(change, threads)) == 0, "%s after %d threads ended with %d", name,
		    threads, status);
}

static void *wait_for(void *mutex)
{
	pthread_mutex_lock(mutex);
	return NULL;
}

/* A program that has another thread is refused as ever, and keeps ours. */
static void expect_refusal(void)
{
	static pthread_mutex_t never = PTHREAD_MUTEX_INITIALIZER;
	pthread_t thread;

	pthread_mutex_lock(&never);
	EXPECT(pthread_create(&thread, NULL, wait_for, &never) == 0, "no thread");
	int tid = tasks_wait_for_tidepool();
	errno = 0;
	EXPECT(unshare(CLONE_NEWUSER) == -1 && (errno == EINVAL || errno == EPERM), "errno is %d", errno);
	EXPECT(tasks_wait_for_tidepool() == tid, "the timer's thread has ended");
}

int main(void)
{
	expect_change(unshare_user, "unshare");
	expect_change(enter_mounts, "setns");
	expect_refusal();
	return 0;
}
