/*
 * setresuid and setresgid, which libc carries to every thread by a signal of its own, do not hang
 * on the timer's thread, and it takes the new identity too.
 * @env TIDEPOOL_TICK=1h
 * @env TIDEPOOL_TIMER=thread
 */
#include <pthread.h>

#include "tasks.h"

#define NOBODY 65534

static void *nothing(void *argument)
{
	return argument;
}

int main(void)
{
	pthread_t thread;
	int tid = tasks_wait_for_tidepool();

	EXPECT(pthread_create(&thread, NULL, nothing, NULL) == 0, "no thread");
	EXPECT(setresuid(-1, geteuid(), -1) == 0 && setresgid(-1, getegid(), -1) == 0, "the same identity is refused");
	if (geteuid() == 0) {
		EXPECT(setresgid(NOBODY, NOBODY, NOBODY) == 0 && setresuid(NOBODY, NOBODY, NOBODY) == 0,
		    "another identity is refused");
		EXPECT(tasks_status(tid, "Uid", 10) == NOBODY && tasks_status(tid, "Gid", 10) == NOBODY,
		    "the timer's thread has user %llu and group %llu", tasks_status(tid, "Uid", 10),
		    tasks_status(tid, "Gid", 10));
	}
	pthread_join(thread, NULL);
	return 0;
}
