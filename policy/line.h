/*
 * Lines: text that the policy writes, such as reasons and policies.
 *
 * Fills a buffer of the caller's, which always ends in a null byte. Text that does not fit is left out. Owns no data.
 */
#ifndef TP_POLICY_LINE_H
#define TP_POLICY_LINE_H

#include <stddef.h>
#include <stdint.h>

/* A buffer and how far it is filled. */
struct tp_line {
	char *start;
	size_t length; /* without the null byte */
	size_t bytes; /* size of the buffer */
};

/* Return an empty line in a buffer of @bytes, at least 1. */
struct tp_line tp_line_start(char *buffer, size_t bytes);

/* Append one character. */
void tp_line_add_char(struct tp_line *line, char c);

/* Append a string. */
void tp_line_add(struct tp_line *line, const char *text);

/* Append a number in decimal. */
void tp_line_add_number(struct tp_line *line, uint64_t number);

#endif
