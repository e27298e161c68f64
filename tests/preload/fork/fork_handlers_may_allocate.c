/*
 * Fork handlers of the program, and of a library whose constructor ran before the preloaded one's,
 * allocate before the fork, in the parent and in the child, while other threads allocate.
 * @cc -Wl,--no-as-needed -l:allocating_constructor.so
 */
#include <sys/wait.h>

#include "churn.h"

extern int constructed_objects(void);

static struct churn handler_churn;

static void allocate(void)
{
	churn_steps(&handler_churn, 30);
}

int main(void)
{
	static struct churn churns[2];
	pthread_t threads[2];

	EXPECT(constructed_objects() == 300, "the constructor's objects are gone");
	churn_init_slots();
	churn_init(&handler_churn, 100);
	handler_churn.alone = true;
	EXPECT(pthread_atfork(allocate, allocate, allocate) == 0, "cannot register fork handlers");
	churn_start(threads, churns, 2, 1);
	for (int i = 0; i < 500; i++) {
		pid_t pid = fork();
		EXPECT(pid >= 0, "cannot fork: %s", strerror(errno));
		if (pid == 0) {
			alarm(60); /* a deadlock ends by SIGALRM */
			allocate();
			_exit(0);
		}
		int status;
		EXPECT(waitpid(pid, &status, 0) == pid, "cannot wait for the child");
		EXPECT(status == 0, "child %d ended with wait status %#x", i, status);
	}
	churn_end(threads, 2);
	churn_finish(&handler_churn);
	churn_finish_slots();
	return 0;
}
