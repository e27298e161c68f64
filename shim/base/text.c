/* Text without stdio. See text.h. */
#include "shim/base/text.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LINE_BYTES 512
#define FULL_WAIT_MS 5000 /* a reader that takes nothing for so long may be the program itself */

static void add_char(struct tp_text *text, char c)
{
	if (text->length < text->capacity)
		text->start[text->length++] = c;
}

static void add_padded(struct tp_text *text, const char *string, size_t length, size_t width, bool left, char fill)
{
	size_t padding = width > length ? width - length : 0;

	if (!left)
		for (size_t i = 0; i < padding; i++)
			add_char(text, fill);
	for (size_t i = 0; i < length; i++)
		add_char(text, string[i]);
	if (left)
		for (size_t i = 0; i < padding; i++)
			add_char(text, ' ');
}

/* Write the digits of @value before @end. Returns their start. */
static char *digits(char *end, unsigned long value, unsigned base)
{
	do {
		*--end = "0123456789abcdef"[value % base];
		value /= base;
	} while (value != 0);
	return end;
}

static void add_va(struct tp_text *text, const char *format, va_list arguments)
{
	char number[24];
	char *const end = number + sizeof number;

	for (; *format; format++) {
		if (*format != '%') {
			add_char(text, *format);
			continue;
		}
		bool left = false, is_long = false;
		char fill = ' ';
		size_t width = 0;

		format++;
		if (*format == '-') {
			left = true;
			format++;
		}
		if (*format == '0')
			fill = '0';
		for (; *format >= '0' && *format <= '9'; format++)
			width = width * 10 + (size_t)(*format - '0');
		if (*format == 'l' || *format == 'z') {
			is_long = true;
			format++;
		}
		char *start = end;
		switch (*format) {
		case 's': {
			const char *string = va_arg(arguments, const char *);

			add_padded(text, string, strlen(string), width, left, ' ');
			continue;
		}
		case 'c':
			*--start = (char)va_arg(arguments, int);
			break;
		case 'd': {
			int value = va_arg(arguments, int);

			start = digits(end, value < 0 ? -(unsigned long)value : (unsigned long)value, 10);
			if (value < 0)
				*--start = '-';
			break;
		}
		case 'u':
		case 'x':
			start = digits(end, is_long ? va_arg(arguments, unsigned long) : va_arg(arguments, unsigned),
			    *format == 'x' ? 16 : 10);
			break;
		default:
			*--start = *format;
		}
		add_padded(text, start, (size_t)(end - start), width, left, fill);
	}
}

void tp_text_add(struct tp_text *text, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	add_va(text, format, arguments);
	va_end(arguments);
}

void tp_text_add_bytes(struct tp_text *text, unsigned long bytes)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB" };
	unsigned long tenths = bytes;
	size_t unit = 0;

	if (bytes < 1024) {
		tp_text_add(text, "%lu B", bytes);
		return;
	}
	for (tenths = bytes / 1024 * 10 + bytes % 1024 * 10 / 1024; tenths >= 10240 && unit < 3; unit++)
		tenths /= 1024;
	tp_text_add(text, "%lu.%lu %s", tenths / 10, tenths % 10, units[unit]);
}

void tp_text_add_json(struct tp_text *text, const char *string)
{
	for (; *string; string++) {
		unsigned char c = (unsigned char)*string;

		if (c == '"' || c == '\\')
			tp_text_add(text, "\\%c", c);
		else if (c < 0x20 || c >= 0x7f)
			tp_text_add(text, "\\u%04x", c); /* bytes as Latin-1: valid whatever they were */
		else
			add_char(text, *string);
	}
}

/* Wait until a descriptor that does not block takes more. Returns 0 or a positive errno value. */
static int wait_for_room(int fd)
{
	struct pollfd wanted = { .fd = fd, .events = POLLOUT };
	int ready = poll(&wanted, 1, FULL_WAIT_MS);

	if (ready < 0 && errno != EINTR)
		return errno;
	return ready == 0 ? EAGAIN : 0;
}

/* Returns 0 or a positive errno value; @done: the bytes written in either case. */
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

/* write_all, without the signal that may come of it: the two lines below are no reason for the program to end. */
static int write_without_signals(const struct tp_text *text, int fd, size_t *done)
{
	static const struct {
		int error, number;
	} signals[] = {
		{ EPIPE, SIGPIPE }, /* nobody is left to read */
		{ EFBIG, SIGXFSZ }, /* RLIMIT_FSIZE */
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

int tp_text_write(const struct tp_text *text, int fd)
{
	size_t done;

	return write_without_signals(text, fd, &done);
}

int tp_text_append(const struct tp_text *text, int fd)
{
	struct stat now;
	size_t done;
	int saved_errno = errno, error = write_without_signals(text, fd, &done);

	if (error && done > 0) {
		off_t end = lseek(fd, 0, SEEK_CUR);

		/* Not where another process has appended since. */
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
	add_va(&text, format, arguments);
	/* What it quotes may hold anything: it stays one line, and tells a terminal nothing. */
	for (size_t i = 0; i < text.length; i++)
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
			line[i] = '?';
	line[text.length++] = '\n';
	tp_text_write(&text, fd);
}

void tp_text_say(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say_va(STDERR_FILENO, format, arguments);
	va_end(arguments);
}

void tp_text_say_to(int fd, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say_va(fd, format, arguments);
	va_end(arguments);
}
