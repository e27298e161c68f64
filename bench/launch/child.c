/*
 * BENCH_FIGURES=FILE [BENCH_PRELOAD=LIBRARY] child COMMAND...: run a command with a preload and measure it.
 *
 * Appends one line to FILE: seconds=WALL cpu_user_s=CPU cpu_system_s=CPU peak_kib=KIB, of the command and of
 * those of its children that it waited for; the peak is that of the largest of them, as the kernel adds none up.
 * A small program of its own, not the runner, because a process's peak begins with that of the one that forked
 * it, which would hide every program smaller than Python. Ends as the command ended.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

extern char **environ;

static double child_seconds(struct timeval time)
{
	return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

int main(int argc, char **argv)
{
	const char *figures = getenv("BENCH_FIGURES");
	const char *preload = getenv("BENCH_PRELOAD");
	if (argc < 2 || figures == NULL) {
		fprintf(stderr, "usage: BENCH_FIGURES=FILE [BENCH_PRELOAD=LIBRARY] child COMMAND...\n");
		return 2;
	}
	int file = open(figures, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
	if (file < 0) {
		fprintf(stderr, "cannot write %s: %s\n", figures, strerror(errno));
		return 2;
	}
	if (preload != NULL && *preload != '\0')
		setenv("LD_PRELOAD", preload, 1);
	unsetenv("BENCH_PRELOAD");
	unsetenv("BENCH_FIGURES");

	pid_t command;
	uint64_t from_ns = clock_now_ns(CLOCK_MONOTONIC);
	int error = posix_spawnp(&command, argv[1], NULL, NULL, &argv[1], environ);
	if (error != 0) {
		fprintf(stderr, "cannot start %s: %s\n", argv[1], strerror(error));
		return 127;
	}
	int status;
	struct rusage usage;
	while (wait4(command, &status, 0, &usage) < 0 && errno == EINTR)
		;
	double seconds = (double)(clock_now_ns(CLOCK_MONOTONIC) - from_ns) / 1e9;

	dprintf(file, "seconds=%.6f cpu_user_s=%.6f cpu_system_s=%.6f peak_kib=%ld\n", seconds,
	    child_seconds(usage.ru_utime), child_seconds(usage.ru_stime), usage.ru_maxrss);
	if (WIFSIGNALED(status)) {
		struct rlimit none = { 0, 0 };
		setrlimit(RLIMIT_CORE, &none); /* the command has left its own */
		signal(WTERMSIG(status), SIG_DFL);
		raise(WTERMSIG(status));
	}
	return WEXITSTATUS(status);
}
