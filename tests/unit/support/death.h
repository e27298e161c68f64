/*
 * Deaths: what a test expects to end the program is done in a child, whose standard error is read.
 */
#ifndef TEST_DEATH_H
#define TEST_DEATH_H

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Call @act in a child and read what it says. Returns the signal that ended it, or 0. */
static inline int run_in_child(void (*act)(void *argument), void *argument, char *said, size_t bytes)
{
	int ends[2], status;
	size_t length = 0;

	cr_assert_eq(pipe(ends), 0);
	pid_t child = fork();
	cr_assert_geq(child, 0);
	if (child == 0) {
		setrlimit(RLIMIT_CORE, &(struct rlimit){ 0 });
		dup2(ends[1], STDERR_FILENO);
		act(argument);
		_exit(0);
	}
	close(ends[1]);
	for (ssize_t got; (got = read(ends[0], said + length, bytes - 1 - length)) > 0;)
		length += (size_t)got;
	said[length] = '\0';
	close(ends[0]);
	cr_assert_eq(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

/* Stop the test unless @act says, in one line, that free() of @culprit is wrong and why, and aborts. */
static inline void expect_fatal_free(void (*act)(void *argument), void *argument, const void *culprit, const char *why)
{
	char said[512], expected[512];

	cr_assert_eq(run_in_child(act, argument, said, sizeof said), SIGABRT, "%s", why);
	snprintf(expected, sizeof expected, "tidepool: free(): %p %s\n", culprit, why);
	cr_assert_str_eq(said, expected);
}

#endif
