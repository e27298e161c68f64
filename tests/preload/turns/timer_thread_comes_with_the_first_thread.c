/*
 * A program with one thread stays single-threaded over many ticks; the library's thread appears
 * with the program's first own one, whether by pthread_create or thrd_create, is named tidepool
 * and has all signals blocked but a sandbox's.
 * @env TIDEPOOL_TICK=10ms
 */
#include <pthread.h>
#include <signal.h>
#include <sys/single_threaded.h>
#include <sys/wait.h>
#include <threads.h>

#include "tasks.h"

static void *nothing(void *argument)
{
	return argument;
}

static int also_nothing(void *argument)
{
	return argument != NULL;
}

static void use_memory(void)
{
	static void *objects[2000];

	for (int i = 0; i < 2000; i++)
		objects[i] = malloc((size_t)i % 700);
	for (int i = 0; i < 2000; i++)
		free(objects[i]);
}

static void expect_blocked(int tid)
{
	unsigned long long blocked = tasks_status(tid, "SigBlk", 16);

	for (int number = 1; number <= SIGRTMAX; number++) {
		if (number == SIGKILL || number == SIGSTOP || number == SIGSYS || (number > 31 && number < SIGRTMIN))
			continue; /* cannot be blocked; a sandbox's; libc's own */
		EXPECT(blocked >> (number - 1) & 1, "signal %d is not blocked: SigBlk is %#llx", number, blocked);
	}
}

static void expect_alone(void)
{
	for (int i = 0; i < 10; i++) {
		use_memory();
		usleep(15000);
		EXPECT(__libc_single_threaded, "glibc has been told of a second thread");
		EXPECT(tasks_look().count == 1, "the process has %d threads", tasks_look().count);
	}
}

static void expect_tidepool_beside(int own)
{
	sigset_t mask;
	int tid = tasks_wait_for_tidepool();

	expect_blocked(tid);
	pthread_sigmask(SIG_BLOCK, NULL, &mask);
	EXPECT(!sigismember(&mask, SIGTERM), "the program's own thread has SIGTERM blocked");
	for (int i = 0; i < 2000 && tasks_look().count > own + 1; i++)
		usleep(5000); /* a joined thread is listed a moment longer */
	EXPECT(tasks_look().count == own + 1, "the process has %d threads", tasks_look().count);
}

int main(void)
{
	pthread_t thread;
	thrd_t other;
	int status;

	expect_alone();
	pid_t pid = fork();
	if (pid == 0) {
		expect_alone();
		EXPECT(thrd_create(&other, also_nothing, NULL) == thrd_success, "no thread");
		thrd_join(other, NULL);
		expect_tidepool_beside(1);
		_exit(0);
	}
	EXPECT(waitpid(pid, &status, 0) == pid && status == 0, "the child ended with %#x", status);

	for (int i = 0; i < 5; i++) {
		EXPECT(pthread_create(&thread, NULL, nothing, NULL) == 0, "no thread");
		pthread_join(thread, NULL);
		use_memory();
	}
	expect_tidepool_beside(1);
	return 0;
}
