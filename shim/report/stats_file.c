/* Where the statistics go. See stats_file.h. @rare */
#include "shim/report/stats_file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shim/base/compiler.h"
#include "shim/base/output.h"
#include "shim/base/path.h"
#include "shim/base/process.h"

#define PATH_BYTES 1024
#define NEW_SUFFIX ".new"
#define NEW_WAIT_MS 100
#define REWRITE_BYTES_MAX (1 << 20) /* a longer file is appended to: dumps at intervals must not copy ever more */

/* Static, as the stack of a signal handler may be small. */
static char path[PATH_BYTES], new_path[PATH_BYTES + sizeof NEW_SUFFIX], copied[4096];

TP_START_CODE void tp_stats_file_start(void)
{
	const struct tp_options *options = &tp_process.options;
	bool to_error = options->stats.number != TP_STATS_OFF && !*options->stats_file.text;

	/* If none of these holds, nothing will be written, not even the line of an error. */
	if (to_error || *options->stats_file.text || *options->profile.text)
		tp_output_start(to_error);
}

/* Append the text to the file. Returns 0 or a positive errno value. */
static int append(const struct tp_text *text)
{
	int fd = tp_output_open_end(path, O_CREAT);

	if (fd < 0)
		return errno;
	int error = tp_output_append(text, fd);
	return close(fd) != 0 && error == 0 ? errno : error;
}

/* Copy the file's contents to @fd. Returns whether all of them were copied; also true if there is no file. */
static bool copy_old(int fd)
{
	int old = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = 0;
	int error = 0;

	if (old < 0)
		return errno == ENOENT;
	while (error == 0 && (length = read(old, copied, sizeof copied)) > 0)
		error = tp_output_write(&(struct tp_text){ .start = copied, .length = (size_t)length }, fd);
	close(old);
	return error == 0 && length == 0;
}

/*
 * Make the new file. It is also the lock against other processes with the same path, as processes of two containers
 * may have one number. Waits NEW_WAIT_MS for such a process. Returns a descriptor or -1.
 */
static int open_new(void)
{
	struct tp_text text = TP_TEXT(new_path);
	int fd = -1;

	tp_text_add(&text, "%s" NEW_SUFFIX "%c", path, '\0');
	for (int waited_ms = 0; waited_ms < NEW_WAIT_MS; waited_ms++) {
		fd = open(new_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (fd >= 0 || errno != EEXIST)
			break;
		poll(NULL, 0, 1);
	}
	return fd;
}

/*
 * Replace the file by a new one with the old contents and the text, so that a reader finds whole dumps only.
 * Returns false if that is not possible; then the file is as it was.
 */
static bool rewrite(const struct tp_text *text)
{
	struct stat now;

	if (lstat(path, &now) == 0 && (!S_ISREG(now.st_mode) || now.st_size > REWRITE_BYTES_MAX))
		return false;
	int fd = open_new();
	if (fd < 0)
		return false;
	bool done = copy_old(fd) && tp_output_write(text, fd) == 0;
	done &= close(fd) == 0;
	if (done && rename(new_path, path) == 0)
		return true;
	unlink(new_path);
	return false;
}

/* Write the text to the file that @pattern names. */
static void write_file(const struct tp_text *text, const char *pattern)
{
	static bool complained; /* the last dump could not be written */

	if (!tp_path_expand(pattern, path, sizeof path)) {
		tp_output_say_to(tp_output_error_fd(), "TIDEPOOL_STATS_FILE: the path is too long");
		return;
	}
	int error = tp_path_is_per_process(pattern) && rewrite(text) ? 0 : append(text);

	/* Only the first time: dumps at intervals would say it again and again. */
	if (error && !complained)
		tp_output_say_to(
		    tp_output_error_fd(), "TIDEPOOL_STATS_FILE: cannot write %s: %s", path, strerrordesc_np(error));
	complained = error != 0;
}

void tp_stats_file_write(const struct tp_text *text)
{
	const char *pattern = tp_process.options.stats_file.text;
	int saved_errno = errno;

	if (*pattern) {
		write_file(text, pattern);
	} else {
		int fd = tp_output_error_fd();

		if (fd >= 0)
			tp_output_write(text, fd);
	}
	errno = saved_errno;
}
