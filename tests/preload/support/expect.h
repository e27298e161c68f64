/*
 * Expectations: a test program says why it failed, in one line, and ends with status 1.
 * Writes with write(2) from the stack and leaves by _exit, so that it works in a vfork child, in a
 * signal handler and with an allocator that has just been found broken.
 */
#ifndef TEST_EXPECT_H
#define TEST_EXPECT_H

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define EXPECT_SKIPPED 77

#define EXPECT(condition, ...) \
	do { \
		if (!(condition)) \
			expect_leave(1, __FILE__, __LINE__, #condition, __VA_ARGS__); \
	} while (0)

/* Ends the test as skipped, with the reason. */
#define SKIP(...) expect_leave(EXPECT_SKIPPED, __FILE__, __LINE__, "", __VA_ARGS__)

__attribute__((noreturn, format(printf, 5, 6))) static inline void expect_leave(
    int status, const char *file, int line, const char *condition, const char *format, ...)
{
	char text[1024];
	const char *base = strrchr(file, '/');
	int length = snprintf(text, sizeof text, "%s:%d: ", base ? base + 1 : file, line);

	va_list arguments;
	va_start(arguments, format);
	length += vsnprintf(text + length, sizeof text - length, format, arguments);
	va_end(arguments);
	if (length > (int)sizeof text - 1)
		length = sizeof text - 1;
	if (*condition)
		length += snprintf(text + length, sizeof text - length, " (expected: %s)", condition);
	if (length > (int)sizeof text - 1)
		length = sizeof text - 1;
	text[length++] = '\n';
	if (write(STDERR_FILENO, text, length) < 0)
		_exit(status);
	_exit(status);
}

#endif
