/*
 * Text without stdio: formats into a buffer the caller owns, writes with write(2).
 *
 * Safe in signal handlers and under malloc: no locale, no allocation, no lock.
 * A full buffer cuts the text; nothing overflows.
 */
#ifndef TP_TEXT_H
#define TP_TEXT_H

#include <stddef.h>

struct tp_text {
	char *start;
	size_t length;
	size_t capacity;
};

#define TP_TEXT(array) \
	{ \
		.start = (array), .capacity = sizeof(array) \
	}

/*
 * Append by a subset of printf's formats: %s %c %d %u %lu %zu %lx %% with an
 * optional '-', zero and width.
 */
void tp_text_add(struct tp_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Append @bytes as people read them: 512 B, 3.2 KiB, 18.0 MiB. */
void tp_text_add_bytes(struct tp_text *text, unsigned long bytes);

/* Append @string as the inside of a JSON string. */
void tp_text_add_json(struct tp_text *text, const char *string);

/*
 * Write the whole text to @fd; waits where it is full and does not block, and raises
 * neither SIGPIPE nor SIGXFSZ. Returns 0 or a positive errno value; errno is kept.
 */
int tp_text_write(const struct tp_text *text, int fd);

/*
 * The same for a file opened with O_APPEND: what was written of a text that does not
 * fit is taken back, so that nothing is appended to half of one.
 */
int tp_text_append(const struct tp_text *text, int fd);

/*
 * Format one line, with the library's name before and a newline behind, to standard
 * error. Control characters become '?'.
 */
void tp_text_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same to @fd; nowhere where that is -1. */
void tp_text_say_to(int fd, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
