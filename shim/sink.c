/* Where the statistics go. See sink.h. */
#include "shim/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shim/process.h"

#define PATH_BYTES 1024
#define KEPT_FD_MIN 100 /* out of the way of programs that count on low numbers */

static char path[PATH_BYTES]; /* not on the stack: a signal's may be small */
static struct stat error_file; /* what standard error was at start */
static int kept_error = -1;

void tp_sink_start(void)
{
	if (tp_process.options.stats.number == TP_STATS_OFF || *tp_process.options.stats_file.text)
		return;
	if (fstat(STDERR_FILENO, &error_file) == 0)
		kept_error = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, KEPT_FD_MIN);
}

/* Whether @fd still is the standard error of the start, and not something opened since. */
static bool is_error_file(int fd)
{
	struct stat now;

	return fd >= 0 && fstat(fd, &now) == 0 && now.st_dev == error_file.st_dev && now.st_ino == error_file.st_ino;
}

/* Standard error, also where the program has closed it before its end, as coreutils do. -1: gone. */
static int error_fd(void)
{
	if (is_error_file(STDERR_FILENO))
		return STDERR_FILENO;
	return is_error_file(kept_error) ? kept_error : -1;
}

/* Put the file's name together: %p pid, %e program, %t start time, %% itself. Returns false if too long. */
static bool expand_path(const char *pattern)
{
	struct tp_text text = TP_TEXT(path);

	for (; *pattern; pattern++) {
		if (*pattern != '%' || pattern[1] == '\0')
			tp_text_add(&text, "%c", *pattern);
		else if (*++pattern == 'p')
			tp_text_add(&text, "%d", (int)tp_process.pid);
		else if (*pattern == 'e')
			tp_text_add(&text, "%s", tp_process.program);
		else if (*pattern == 't')
			tp_text_add(&text, "%lu", (unsigned long)tp_process.start_time_s);
		else
			tp_text_add(&text, *pattern == '%' ? "%c" : "%%%c", *pattern);
	}
	if (text.length == PATH_BYTES)
		return false;
	path[text.length] = '\0';
	return true;
}

static void write_file(const struct tp_text *text, const char *pattern)
{
	if (!expand_path(pattern)) {
		tp_text_say("TIDEPOOL_STATS_FILE: the path is too long");
		return;
	}
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	int error = fd < 0 ? errno : tp_text_write(text, fd);

	if (fd >= 0)
		close(fd);
	if (error)
		tp_text_say("TIDEPOOL_STATS_FILE: cannot write %s: %s", path, strerrordesc_np(error));
}

void tp_sink_write(const struct tp_text *text)
{
	const char *pattern = tp_process.options.stats_file.text;
	int saved_errno = errno;

	if (*pattern) {
		write_file(text, pattern);
	} else {
		int fd = error_fd();

		if (fd >= 0)
			tp_text_write(text, fd);
	}
	errno = saved_errno;
}

void tp_sink_start_child(void)
{
	/* The program may have closed it, and opened something of its own at that number. */
	if (is_error_file(kept_error))
		close(kept_error);
	kept_error = -1;
}
