/*
 * A setuid program that nobody starts with the library preloaded runs without it, silently.
 * @no-preload
 * @variants rseq
 */
#include <sys/auxv.h>

#include "child.h"

static int privileged(void)
{
	char line[1024];
	FILE *maps = fopen("/proc/self/maps", "r");

	if (!getauxval(AT_SECURE))
		SKIP("this file system ignores the setuid bit");
	EXPECT(maps, "cannot read /proc/self/maps");
	while (fgets(line, sizeof line, maps))
		EXPECT(!strstr(line, "libtidepool"), "the library is in a setuid process");
	free(malloc(1000));
	return 0;
}

int main(int argc, char **argv)
{
	char dir[256], program[300], command[1024];
	struct stat info;

	(void)argv;
	if (argc > 1)
		return privileged();
	if (geteuid() != 0)
		SKIP("only root can make a setuid program");
	child_make_directory(dir);
	snprintf(program, sizeof program, "%s/program", dir);
	snprintf(command, sizeof command, "cp /proc/%d/exe %s", getpid(), program);
	EXPECT(
	    system(command) == 0 && chmod(program, 04755) == 0 && stat(program, &info) == 0 && (info.st_mode & S_ISUID),
	    "cannot make %s", program);

	int errors = child_capture();
	pid_t pid = fork();
	if (pid == 0) {
		setenv("LD_PRELOAD", child_library(), 1);
		unsetenv("TIDEPOOL_LIB");
		setenv("TIDEPOOL_VERBOSE", "1", 1);
		dup2(errors, STDERR_FILENO);
		if (setgid(65534) != 0 || setuid(65534) != 0)
			_exit(126);
		execl(program, program, "privileged", (char *)NULL);
		_exit(127);
	}
	static struct child child;
	EXPECT(waitpid(pid, &child.status, 0) == pid, "cannot wait for the child");
	child_read(errors, child.err, sizeof child.err);
	if (WIFEXITED(child.status) && WEXITSTATUS(child.status) == EXPECT_SKIPPED)
		SKIP("%s", child.err);
	child_expect_exit(&child, 0);
	EXPECT(!strstr(child.err, "tidepool"), "stderr has %s", child.err);
	return 0;
}
