/*
 * A program's first large block may be asked for late: when all thread-specific keys are taken, by one
 * thread and then another; in a thread with the smallest stack; and before a thread forks that has had
 * none, in a program with so many keys that a thread's own need memory.
 * @no-preload
 */
#include <limits.h>
#include <pthread.h>

#include "child.h"

#define LARGE_BYTES ((size_t)3 << 20)
#define MANY_KEYS 40 /* more than a thread has room for without malloc: 32 */
#define HANG_S 20

static void *take_large(void *unused)
{
	char *block = malloc(LARGE_BYTES);

	EXPECT(block, "no memory for a large block");
	block[0] = block[LARGE_BYTES - 1] = 1;
	free(block);
	return unused;
}

static void *fork_once(void *unused)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		take_large(NULL);
		_exit(0);
	}
	EXPECT(pid > 0 && waitpid(pid, &status, 0) == pid && status == 0, "the forked child failed");
	return unused;
}

static void run_in_thread(void *(*function)(void *), const pthread_attr_t *attributes)
{
	pthread_t thread;

	EXPECT(pthread_create(&thread, attributes, function, NULL) == 0, "no thread");
	pthread_join(thread, NULL);
}

static void take_keys(size_t count)
{
	pthread_key_t key;

	for (size_t i = 0; i < count && pthread_key_create(&key, NULL) == 0; i++)
		;
}

static int play(const char *part)
{
	pthread_attr_t smallest;

	alarm(HANG_S);
	if (strcmp(part, "keys") == 0) {
		take_keys(PTHREAD_KEYS_MAX);
		take_large(NULL);
		run_in_thread(take_large, NULL);
	} else if (strcmp(part, "stack") == 0) {
		pthread_attr_init(&smallest);
		pthread_attr_setstacksize(&smallest, (size_t)PTHREAD_STACK_MIN);
		run_in_thread(take_large, &smallest);
	} else {
		take_keys(MANY_KEYS);
		take_large(NULL);
		for (int i = 0; i < 3; i++)
			run_in_thread(fork_once, NULL);
	}
	return 0;
}

int main(int argc, char **argv)
{
	static const char *const parts[] = { "keys", "stack", "fork" };
	static struct child child;

	if (argc > 1)
		return play(argv[1]);
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		child_run(&child, parts[i], NULL, NULL);
		EXPECT(child.status == 0, "%s: wait status %#x: %s", parts[i], child.status, child.err);
	}
	return 0;
}
