/*
 * vfork and exec, posix_spawn, system and popen work beside allocating threads: the exit codes come
 * back, a failed exec is seen, a killed child leaves its parent working, and so does a nested vfork.
 */
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include "churn.h"

extern char **environ;

__attribute__((noinline, noreturn)) static void exec_program(const char *program, const char *script)
{
	execl(program, "sh", "-c", script, (char *)NULL);
	_exit(errno == ENOENT ? 127 : 126);
}

static int vfork_and_run(const char *program, const char *script)
{
	int status = -1;
	pid_t pid = vfork();
	EXPECT(pid >= 0, "cannot vfork: %s", strerror(errno));
	if (pid == 0)
		exec_program(program, script);
	EXPECT(waitpid(pid, &status, 0) == pid, "cannot wait for the child");
	return status;
}

__attribute__((noinline, noreturn)) static void die_after_allocating(void)
{
	free(malloc(100));
	kill(getpid(), SIGKILL);
	_exit(1);
}

__attribute__((noinline, noreturn)) static void vfork_again(void)
{
	free(malloc(1000));
	int status = vfork_and_run("/bin/sh", "exit 9");
	free(malloc(2000));
	_exit(WEXITSTATUS(status) + 1);
}

int main(void)
{
	static struct churn churns[2];
	pthread_t threads[2];
	int status;

	churn_init_slots();
	churn_start(threads, churns, 2, 1);
	for (int i = 0; i < 40; i++) {
		char script[32];
		snprintf(script, sizeof script, "exit %d", i);
		status = vfork_and_run("/bin/sh", script);
		EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == i, "'%s' gave wait status %#x", script, status);

		status = vfork_and_run("/nonexistent/program", "");
		EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 127, "a failed exec gave %#x", status);

		pid_t pid = vfork();
		if (pid == 0)
			die_after_allocating();
		EXPECT(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
		    "a killed child gave %#x", status);

		pid = vfork();
		if (pid == 0)
			vfork_again();
		EXPECT(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 10,
		    "a vfork in a vfork child gave %#x", status);

		char *const arguments[] = { (char *)"sh", (char *)"-c", script, NULL };
		EXPECT(posix_spawn(&pid, "/bin/sh", NULL, NULL, arguments, environ) == 0, "posix_spawn failed");
		EXPECT(waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == i, "posix_spawn gave %#x", status);

		status = system(script);
		EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == i, "system gave %#x", status);

		char line[16] = "";
		FILE *pipe = popen("echo popen", "r");
		EXPECT(pipe && fgets(line, sizeof line, pipe) && strcmp(line, "popen\n") == 0, "popen gave '%s'", line);
		EXPECT(pclose(pipe) == 0, "pclose failed");
		free(malloc(100));
	}
	churn_end(threads, 2);
	churn_finish_slots();
	return 0;
}
