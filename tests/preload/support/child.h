/*
 * Children: a test that is not preloaded itself runs its own program again under the preload, with
 * a part to play as argv[1] and settings in its environment, and looks at what came of it.
 * For single-threaded test programs.
 */
#ifndef TEST_CHILD_H
#define TEST_CHILD_H

#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "expect.h"

struct child {
	int status; /* as from waitpid */
	char out[1 << 16];
	char err[1 << 16];
};

static inline const char *child_library(void)
{
	const char *library = getenv("TIDEPOOL_LIB");
	EXPECT(library, "TIDEPOOL_LIB does not name the library");
	return library;
}

/* Make a directory for this test's files; dir has room for 256 bytes. */
static inline void child_make_directory(char *dir)
{
	const char *parent = getenv("TMPDIR");
	snprintf(dir, 256, "%s/tidepool.XXXXXX", parent ? parent : "/tmp");
	EXPECT(mkdtemp(dir), "cannot make the directory %s", dir);
	EXPECT(chmod(dir, 0777) == 0, "cannot open the directory %s to all", dir);
}

static inline int child_capture(void)
{
	char name[256];
	const char *parent = getenv("TMPDIR");
	snprintf(name, sizeof name, "%s/capture.XXXXXX", parent ? parent : "/tmp");
	int fd = mkostemp(name, O_CLOEXEC);
	EXPECT(fd >= 0, "cannot make %s", name);
	unlink(name);
	return fd;
}

static inline void child_read(int fd, char *text, size_t size)
{
	ssize_t length = pread(fd, text, size - 1, 0);
	text[length > 0 ? length : 0] = '\0';
	close(fd);
}

/*
 * Run this program again under the preload, or under nothing where a setting is "LD_PRELOAD=".
 * part: its argv[1]. before_exec: NULL, or runs in the child just before it. The other arguments
 * are settings NAME=VALUE, closed by NULL.
 */
static inline void child_run(struct child *child, const char *part, void (*before_exec)(void), ...)
{
	const char *library = child_library();
	int out = child_capture(), err = child_capture();
	va_list settings;

	va_start(settings, before_exec);
	pid_t pid = fork();
	EXPECT(pid >= 0, "cannot fork");
	if (pid == 0) {
		const char *setting;
		setenv("LD_PRELOAD", library, 1);
		unsetenv("TIDEPOOL_LIB");
		unsetenv("TIDEPOOL_TEST_SYSCTL");
		while ((setting = va_arg(settings, const char *)))
			putenv((char *)setting);
		if (!*getenv("LD_PRELOAD"))
			unsetenv("LD_PRELOAD");
		dup2(out, STDOUT_FILENO);
		dup2(err, STDERR_FILENO);
		if (before_exec)
			before_exec();
		execl("/proc/self/exe", "test", part, (char *)NULL);
		_exit(127);
	}
	va_end(settings);
	EXPECT(waitpid(pid, &child->status, 0) == pid, "cannot wait for the child");
	child_read(out, child->out, sizeof child->out);
	child_read(err, child->err, sizeof child->err);
}

/* Stop the test unless the child left with this exit status. */
static inline void child_expect_exit(const struct child *child, int status)
{
	EXPECT(WIFEXITED(child->status) && WEXITSTATUS(child->status) == status,
	    "the child ended with wait status %#x, not by exit(%d); its stderr: %s", child->status, status, child->err);
}

#endif
