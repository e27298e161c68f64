/*
 * Output: all that the library writes for people or programs goes through here, by write(2).
 *
 * Async-signal-safe: no lock, no allocation. errno is kept, but for tp_output_open_end. A write raises neither SIGPIPE
 * nor SIGXFSZ, and waits for room if a descriptor that does not block is full. Owns a descriptor of what standard
 * error was at start.
 */
#ifndef TP_OUTPUT_H
#define TP_OUTPUT_H

#include <stdbool.h>

#include "shim/base/text.h"

/* Write the whole text to @fd. Returns 0 or a positive errno value. */
int tp_output_write(const struct tp_text *text, int fd);

/*
 * Write the whole text to the file @fd, opened with O_APPEND. If only a part fits, cut the file back by that part, so
 * that no later text is appended to half of this one. Returns 0 or a positive errno value.
 */
int tp_output_append(const struct tp_text *text, int fd);

/*
 * Format one line and write it to standard error, with the library's name before it and a newline after it.
 * Control characters become '?'.
 */
void tp_output_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Format one line as tp_output_say does, and write it to @fd; nowhere if @fd is -1. */
void tp_output_say_to(int fd, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Say that free() of @object is wrong, and stop the program with SIGABRT.
 * @why: the text that follows the pointer in the line. Threads: any that holds no lock.
 */
_Noreturn void tp_output_fatal_free(const void *object, const char *why);

/*
 * Note what standard error is. @keep_error: also keep a descriptor of it, as some programs close their own before they
 * end. Threads: one call, from the constructor.
 */
void tp_output_start(bool keep_error);

/*
 * Return a descriptor of what was standard error at start, or -1 if none is left: the program may have closed its own,
 * and may have opened another file at the same number.
 */
int tp_output_error_fd(void);

/*
 * Open the file @name for appending. @flags: O_CREAT or 0.
 * Returns a descriptor, or -1 with errno set: ENXIO for a pipe without a reader.
 */
int tp_output_open_end(const char *name, int flags);

/* In a forked child: close the kept descriptor. A daemon must not hold the pipe open that its starter reads. */
void tp_output_start_child(void);

#endif
