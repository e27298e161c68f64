/*
 * A program forks while its timer gives pages of large objects back, whose slabs are in use. What
 * was on its way at that moment is not lost to the child: once it has freed all, its slabs are gone.
 * @env TIDEPOOL_TICK=10ms
 * @env TIDEPOOL_TIMER=thread
 */
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "expect.h"

#define OBJECTS 1024
#define OBJECT_BYTES 65536U
#define FORKS 240
#define SLACK_BYTES ((size_t)192 << 10) /* less than a slab of theirs */

static void *objects[OBJECTS];
static size_t before;

static void *do_nothing(void *unused)
{
	return unused;
}

static int free_all(void)
{
	for (int i = 0; i < OBJECTS; i++)
		free(objects[i]);
	malloc_trim(0);
	malloc_trim(0);
	size_t left = mallinfo2().uordblks;
	EXPECT(left < before + SLACK_BYTES, "%zu bytes are in slabs, before %zu", left, before);
	return 0;
}

int main(void)
{
	pthread_t thread;
	int status;

	EXPECT(pthread_create(&thread, NULL, do_nothing, NULL) == 0 && pthread_join(thread, NULL) == 0, "no thread");
	malloc_trim(0);
	malloc_trim(0);
	before = mallinfo2().uordblks;
	for (int i = 0; i < FORKS; i++) {
		if (i % 6 == 0) {
			for (int k = 0; k < OBJECTS; k++)
				if (!objects[k])
					objects[k] = memset(malloc(OBJECT_BYTES), 1, OBJECT_BYTES);
			for (int k = 0; k < OBJECTS; k++)
				if (k % 4 != 0) {
					free(objects[k]);
					objects[k] = NULL;
				}
		}
		usleep((useconds_t)(2000 + 137 * i % 3000));
		pid_t pid = fork();
		if (pid == 0)
			_exit(free_all());
		EXPECT(
		    waitpid(pid, &status, 0) == pid && status == 0, "child %d ended with wait status %#x", i, status);
	}
	return 0;
}
