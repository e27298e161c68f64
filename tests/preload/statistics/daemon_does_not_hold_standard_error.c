/*
 * A program with statistics that leaves a daemon behind, which has closed its standard streams:
 * who reads the program's standard error through a pipe comes to its end when the program ends.
 * @no-preload
 */
#include <poll.h>
#include <signal.h>

#include "child.h"

static int ends[2];

static int leave_daemon(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		for (int fd = 0; fd <= 2; fd++)
			close(fd);
		pause();
	}
	printf("%d\n", (int)pid);
	return 0;
}

static void use_pipe(void)
{
	dup2(ends[1], STDERR_FILENO);
	close(ends[0]);
	close(ends[1]);
}

int main(int argc, char **argv)
{
	static struct child child;
	char text[4096];
	int ready;

	(void)argv;
	if (argc > 1)
		return leave_daemon();
	EXPECT(pipe(ends) == 0, "no pipe");
	child_run(&child, "leave", use_pipe, "TIDEPOOL_STATS=json", NULL);
	close(ends[1]);
	child_expect_exit(&child, 0);
	struct pollfd wanted = { .fd = ends[0], .events = POLLIN };
	while ((ready = poll(&wanted, 1, 5000)) == 1 && read(ends[0], text, sizeof text) > 0)
		;
	kill(atoi(child.out), SIGKILL);
	EXPECT(ready == 1, "the pipe is still open");
	return 0;
}
