/*
 * One thread changes the handler of the signal named by TIDEPOOL_STATS_SIGNAL to and fro while
 * others, and forked children, receive it: each handler is called in the form it was set for.
 * @env TIDEPOOL_STATS=json
 * @env TIDEPOOL_STATS_FILE=/dev/null
 * @env TIDEPOOL_STATS_SIGNAL=USR1
 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <time.h>

#include "expect.h"

#define SECONDS 2
#define MARK 0x7469646570006f6fL

static atomic_int over;
static atomic_long plain, informed;

static void handle_plain(int number)
{
	EXPECT(number == SIGUSR1, "signal %d", number);
	plain++;
}

static void handle_informed(int number, siginfo_t *info, void *context)
{
	/* Called without them, it finds what the registers happen to hold. */
	unsigned long misfit = (unsigned long)info % 8 | (unsigned long)context % 8;

	EXPECT(number == SIGUSR1 && !misfit && info > (siginfo_t *)4096 && context > (void *)4096 &&
		   info->si_signo == SIGUSR1 && info->si_value.sival_ptr == (void *)MARK,
	    "the handler with information was called without");
	informed++;
}

static const struct sigaction actions[2] = {
	{ .sa_handler = handle_plain },
	{ .sa_sigaction = handle_informed, .sa_flags = SA_SIGINFO | SA_NODEFER },
};

static void *receive(void *argument)
{
	const union sigval value = { .sival_ptr = (void *)MARK };

	while (!over)
		pthread_sigqueue(pthread_self(), SIGUSR1, value);
	return argument;
}

static void change(int i)
{
	struct sigaction old;

	EXPECT(sigaction(SIGUSR1, &actions[i % 2], &old) == 0, "sigaction failed");
	int informs = (old.sa_flags & SA_SIGINFO) != 0;
	EXPECT(
	    informs == (old.sa_sigaction == handle_informed), "the old action has flags %#x of another", old.sa_flags);
}

static void *change_all_the_time(void *argument)
{
	for (int i = 0; !over; i++)
		change(i);
	return argument;
}

int main(void)
{
	pthread_t threads[3];
	time_t end = time(NULL) + SECONDS;

	change(0);
	pthread_create(&threads[0], NULL, change_all_the_time, NULL);
	pthread_create(&threads[1], NULL, change_all_the_time, NULL);
	pthread_create(&threads[2], NULL, receive, NULL);
	while (time(NULL) <= end) {
		int status;
		pid_t pid = fork();

		if (pid == 0) {
			alarm(20); /* the lock may have been another thread's */
			change(0);
			change(1);
			_exit(0);
		}
		EXPECT(waitpid(pid, &status, 0) == pid && status == 0, "the child ended with wait status %#x", status);
	}
	over = 1;
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	EXPECT(plain > 0 && informed > 0, "%ld and %ld signals", (long)plain, (long)informed);
	return 0;
}
