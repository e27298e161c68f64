/*
 * A thread lowers the program's limit of addresses while another forks: the child has a whole region, which
 * gives way when the child lowers its own.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "expect.h"

#define TRIALS 100
#define BITS_FIRST 45
#define BITS_LAST 31

static pthread_barrier_t start;
static atomic_bool ended;

static void *lower(void *unused)
{
	pthread_barrier_wait(&start);
	for (int bits = BITS_FIRST; bits > BITS_LAST; bits--) {
		struct rlimit limit = { (rlim_t)1 << bits, RLIM_INFINITY };

		setrlimit(RLIMIT_AS, &limit);
	}
	atomic_store(&ended, true);
	return unused;
}

static int play_child(void)
{
	struct rlimit limit = { (rlim_t)1 << 30, RLIM_INFINITY };

	setrlimit(RLIMIT_AS, &limit);
	void *map = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return map == MAP_FAILED;
}

static int try_once(void)
{
	pthread_t thread;
	int status = 0;

	pthread_barrier_init(&start, NULL, 2);
	EXPECT(pthread_create(&thread, NULL, lower, NULL) == 0, "no thread");
	pthread_barrier_wait(&start);
	while (!atomic_load(&ended) && status == 0) {
		pid_t pid = fork();
		if (pid == 0)
			_exit(play_child());
		EXPECT(pid > 0 && waitpid(pid, &status, 0) == pid, "no child");
	}
	pthread_join(thread, NULL);
	return status != 0;
}

int main(void)
{
	int status;

	for (int i = 0; i < TRIALS; i++) {
		pid_t pid = fork();
		if (pid == 0)
			_exit(try_once());
		EXPECT(
		    pid > 0 && waitpid(pid, &status, 0) == pid && status == 0, "trial %d: wait status %#x", i, status);
	}
	return 0;
}
