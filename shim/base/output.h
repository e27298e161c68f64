/*
 * Output: whatever the library writes for people or programs goes through here, by write(2).
 *
 * Async-signal-safe: no lock, no allocation; errno is kept. A write raises neither SIGPIPE nor SIGXFSZ, and waits
 * where a descriptor that does not block is full. Owns a way to the standard error of the start.
 */
#ifndef TP_OUTPUT_H
#define TP_OUTPUT_H

#include <stdbool.h>

#include "shim/base/text.h"

/* Write the whole text to @fd. Returns 0 or a positive errno value. */
int tp_output_write(const struct tp_text *text, int fd);

/*
 * Write the whole text to the file @fd, opened with O_APPEND. What was written of a text that does not fit is taken
 * back, so that nothing is appended to half of a text. Returns 0 or a positive errno value.
 */
int tp_output_append(const struct tp_text *text, int fd);

/*
 * Format one line and write it to standard error, with the library's name before it and a newline after it.
 * Control characters become '?'.
 */
void tp_output_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same to @fd; nowhere if @fd is -1. */
void tp_output_say_to(int fd, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Say that free() of @object cannot be right, and stop the program with SIGABRT.
 * @why follows the pointer in the line. Threads: any, holding no lock.
 */
_Noreturn void tp_output_fatal_free(const void *object, const char *why);

/*
 * Note what standard error is. @keep_error: also keep a descriptor of it, as some programs close theirs before they
 * end. Called once, from the constructor.
 */
void tp_output_start(bool keep_error);

/*
 * Return a descriptor of what was standard error at start, or -1 if there is no way left to it. The program may have
 * closed its own, and have a file of its own at that number.
 */
int tp_output_error_fd(void);

/*
 * Open the file @name to append to it. @flags: O_CREAT or 0.
 * Returns a descriptor, or -1 with errno set: ENXIO for a pipe that nobody reads.
 */
int tp_output_open_end(const char *name, int flags);

/* Give the kept descriptor up, in a forked child: a daemon that closes its own must not hold its starter's pipe open. */
void tp_output_start_child(void);

#endif
