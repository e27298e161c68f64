/*
 * Text that the policy says: reasons, and policies written out.
 *
 * Fills a buffer of the caller's, which always ends in a null byte; what does not fit
 * is left out.
 */
#ifndef TP_POLICY_LINE_H
#define TP_POLICY_LINE_H

#include <stddef.h>
#include <stdint.h>

struct tp_line {
	char *start;
	size_t length; /* without the null byte */
	size_t bytes; /* of the buffer */
};

/* An empty line in @bytes of @buffer, at least one. */
struct tp_line tp_line_start(char *buffer, size_t bytes);

/* Append one character. */
void tp_line_add_char(struct tp_line *line, char c);

/* Append a string. */
void tp_line_add(struct tp_line *line, const char *text);

/* Append a number in decimal. */
void tp_line_add_number(struct tp_line *line, uint64_t number);

#endif
