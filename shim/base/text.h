/*
 * Text without stdio: formats into a buffer that the caller owns.
 *
 * Safe in signal handlers and under malloc: no locale, no allocation, no lock, no system call.
 * A full buffer cuts the text; nothing overflows. Writing it: output.h.
 */
#ifndef TP_TEXT_H
#define TP_TEXT_H

#include <stdarg.h>
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
void tp_text_add_va(struct tp_text *text, const char *format, va_list arguments) __attribute__((format(printf, 2, 0)));

/* Append @bytes as people read them: 512 B, 3.2 KiB, 18.0 MiB. */
void tp_text_add_bytes(struct tp_text *text, unsigned long bytes);

/* Append @string as the inside of a JSON string. */
void tp_text_add_json(struct tp_text *text, const char *string);

#endif
