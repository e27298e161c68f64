/*
 * Text without stdio: formats into a buffer that the caller owns.
 *
 * Safe in signal handlers and inside malloc: no locale, no allocation, no lock, no system call. What does not fit in
 * the buffer is left out. The text has no NUL at its end. output.h writes it.
 */
#ifndef TP_TEXT_H
#define TP_TEXT_H

#include <stdarg.h>
#include <stddef.h>

struct tp_text {
	char *start;
	size_t length; /* bytes of text */
	size_t capacity; /* bytes of the buffer */
};

/* An empty text with @array as its buffer, as an initializer. */
#define TP_TEXT(array) \
	{ \
		.start = (array), .capacity = sizeof(array) \
	}

/*
 * Append what a subset of printf's formats says: %s %c %d %u %lu %zu %x %lx %%, each with an optional '-', '0' and
 * width.
 */
void tp_text_add(struct tp_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void tp_text_add_va(struct tp_text *text, const char *format, va_list arguments) __attribute__((format(printf, 2, 0)));

/* Append @bytes with a unit: 512 B, 3.2 KiB, 18.0 MiB. */
void tp_text_add_bytes(struct tp_text *text, unsigned long bytes);

/* Append @string as the characters between the quotes of a JSON string. */
void tp_text_add_json(struct tp_text *text, const char *string);

#endif
