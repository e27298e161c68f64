/*
 * A vfork child that ends by _exit, or that execs, leaves no dump of its parent's numbers; the
 * parent leaves its own at its end.
 * @no-preload
 */
#include "child.h"
#include "dump.h"

__attribute__((noinline)) static void vfork_and_leave(int code)
{
	int status;
	pid_t pid = vfork();
	if (pid == 0) {
		free(malloc(7000));
		_exit(code);
	}
	EXPECT(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == code,
	    "the child ended with %#x", status);
}

int main(int argc, char **argv)
{
	static struct child child;
	static char setting[512];
	char dir[256];

	(void)argv;
	if (argc > 1) {
		for (int i = 0; i < 20; i++)
			vfork_and_leave(i);
		return 0;
	}
	child_make_directory(dir);
	snprintf(setting, sizeof setting, "TIDEPOOL_STATS_FILE=%s/%%p", dir);
	child_run(&child, "run", NULL, "TIDEPOOL_STATS=json", setting, NULL);
	child_expect_exit(&child, 0);
	EXPECT(!*child.err, "stderr has %s", child.err);
	dump_read_only(dir);
	return 0;
}
