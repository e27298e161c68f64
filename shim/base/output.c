/* Output by write(2). See output.h. @rare */
#include "shim/base/output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "shim/base/compiler.h"

#define LINE_BYTES 512 /* of a line that is said; the rest of a longer one is cut off */
#define FULL_WAIT_MS 5000 /* the reader of a full pipe may be the program itself, so the wait ends */

/*
 * The lowest numbers for the kept descriptor: the first is tried first, the second under a limit below the usual 1024.
 * Programs count on low numbers, and scripts name some. bash takes an open descriptor with such a number for its own,
 * and restores it over what the script has opened.
 */
#define KEPT_FD_MIN 973
#define KEPT_FD_MIN_LESS 100

static struct stat error_file; /* what standard error was at start */
static int kept_error = -1; /* another descriptor of it; -1: none */

/* Wait until a full descriptor takes more. Returns 0, EAGAIN after FULL_WAIT_MS, or another positive errno value. */
static int wait_for_room(int fd)
{
	struct pollfd wanted = { .fd = fd, .events = POLLOUT };
	int ready = poll(&wanted, 1, FULL_WAIT_MS);

	if (ready < 0 && errno != EINTR)
		return errno;
	return ready == 0 ? EAGAIN : 0;
}

/* Write the whole text. Returns 0 or a positive errno value. Sets @done to the bytes written, also after an error. */
static int write_all(const struct tp_text *text, int fd, size_t *done)
{
	for (*done = 0; *done < text->length;) {
		ssize_t written = write(fd, text->start + *done, text->length - *done);
		int error = written < 0 && errno != EINTR ? errno : 0;

		if (error == EAGAIN)
			error = wait_for_room(fd);
		if (error)
			return error;
		if (written > 0)
			*done += (size_t)written;
	}
	return 0;
}

static bool is_pending(int number)
{
	sigset_t pending;

	return sigpending(&pending) == 0 && sigismember(&pending, number) == 1;
}

/*
 * Write the whole text, and take back the signal that the kernel may raise: the program must not end because nobody
 * reads our output. A signal that was pending before stays pending.
 */
static int write_without_signals(const struct tp_text *text, int fd, size_t *done)
{
	static const struct {
		int error, number;
	} signals[] = {
		{ EPIPE, SIGPIPE }, /* the reader of the pipe is gone */
		{ EFBIG, SIGXFSZ }, /* the file would exceed RLIMIT_FSIZE */
	};
	enum { COUNT = sizeof signals / sizeof *signals };
	static const struct timespec now = { 0, 0 };
	int saved_errno = errno;
	bool was_pending[COUNT];
	sigset_t set, old_mask;

	sigemptyset(&set);
	for (int i = 0; i < COUNT; i++)
		sigaddset(&set, signals[i].number);
	pthread_sigmask(SIG_BLOCK, &set, &old_mask);
	for (int i = 0; i < COUNT; i++)
		was_pending[i] = is_pending(signals[i].number);
	int error = write_all(text, fd, done);
	for (int i = 0; i < COUNT; i++) {
		if (error != signals[i].error || was_pending[i] || !is_pending(signals[i].number))
			continue;
		sigemptyset(&set);
		sigaddset(&set, signals[i].number);
		sigtimedwait(&set, NULL, &now);
	}
	pthread_sigmask(SIG_SETMASK, &old_mask, NULL);
	errno = saved_errno;
	return error;
}

int tp_output_write(const struct tp_text *text, int fd)
{
	size_t done;

	return write_without_signals(text, fd, &done);
}

int tp_output_append(const struct tp_text *text, int fd)
{
	struct stat now;
	size_t done;
	int saved_errno = errno, error = write_without_signals(text, fd, &done);

	if (error && done > 0) {
		off_t end = lseek(fd, 0, SEEK_CUR);

		/* The file is cut only if it ends with our bytes: another process may have appended since. */
		if (fstat(fd, &now) == 0 && S_ISREG(now.st_mode) && now.st_size == end &&
		    ftruncate(fd, end - (off_t)done) != 0)
			error = errno;
	}
	errno = saved_errno;
	return error;
}

static void say_va(int fd, const char *format, va_list arguments)
{
	char line[LINE_BYTES];
	struct tp_text text = { .start = line, .capacity = sizeof line - 1 };

	tp_text_add(&text, "tidepool: ");
	tp_text_add_va(&text, format, arguments);
	/* A quoted option may hold any byte: control characters would break the line, or command the terminal. */
	for (size_t i = 0; i < text.length; i++)
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
			line[i] = '?';
	line[text.length++] = '\n';
	tp_output_write(&text, fd);
}

void tp_output_say(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say_va(STDERR_FILENO, format, arguments);
	va_end(arguments);
}

void tp_output_say_to(int fd, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say_va(fd, format, arguments);
	va_end(arguments);
}

void tp_output_fatal_free(const void *object, const char *why)
{
	tp_output_say("free(): 0x%lx %s", (unsigned long)(uintptr_t)object, why);
	abort();
}

/* ---- the standard error of the start, and files */

TP_START_CODE void tp_output_start(bool keep_error)
{
	int saved_errno = errno;

	if (fstat(STDERR_FILENO, &error_file) == 0 && keep_error) {
		kept_error = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, KEPT_FD_MIN);
		if (kept_error < 0)
			kept_error = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, KEPT_FD_MIN_LESS);
	}
	errno = saved_errno;
}

/* Whether @fd is the standard error of the start, and no file that was opened at this number since. */
static bool is_error_file(int fd)
{
	struct stat now;

	return fd >= 0 && fstat(fd, &now) == 0 && now.st_dev == error_file.st_dev && now.st_ino == error_file.st_ino;
}

int tp_output_error_fd(void)
{
	if (is_error_file(STDERR_FILENO))
		return STDERR_FILENO;
	return is_error_file(kept_error) ? kept_error : -1;
}

int tp_output_open_end(const char *name, int flags)
{
	int fd = open(name, flags | O_WRONLY | O_APPEND | O_NONBLOCK | O_CLOEXEC, 0666);

	/* O_NONBLOCK has refused a pipe without a reader, with ENXIO. Writes must block, as a reader may be slow. */
	if (fd >= 0)
		fcntl(fd, F_SETFL, O_APPEND);
	return fd;
}

void tp_output_start_child(void)
{
	/* The program may have put a file of its own at this number. dup2 leaves such a file without FD_CLOEXEC. */
	if (is_error_file(kept_error) && fcntl(kept_error, F_GETFD) == FD_CLOEXEC)
		close(kept_error);
	kept_error = -1;
}
