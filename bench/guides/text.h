/* A text that grows as it is appended to, in one block of memory that doubles: Go's bytes.Buffer, with malloc. */
#ifndef BENCH_TEXT_H
#define BENCH_TEXT_H

#include "operation.h"

enum { TEXT_START_BYTES = 64 }; /* as bytes.Buffer */

/* Empty when zeroed. Owns its bytes until text_free(). */
struct text {
	char *bytes;
	size_t length;
	size_t capacity;
};

/* Makes room for `more` bytes after the text and returns where they go. */
static inline char *text_reserve(struct text *text, size_t more)
{
	if (text->capacity - text->length < more) {
		size_t capacity = text->capacity == 0 ? TEXT_START_BYTES : 2 * text->capacity;
		while (capacity - text->length < more)
			capacity *= 2;
		text->bytes = checked_realloc(text->bytes, capacity);
		text->capacity = capacity;
	}
	return text->bytes + text->length;
}

static inline void text_append(struct text *text, const char *bytes, size_t length)
{
	memcpy(text_reserve(text, length), bytes, length);
	text->length += length;
}

static inline void text_append_string(struct text *text, const char *string)
{
	text_append(text, string, strlen(string));
}

static inline void text_append_number(struct text *text, int64_t number)
{
	char digits[24];
	size_t at = sizeof digits;
	uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;
	do
		digits[--at] = (char)('0' + rest % 10);
	while ((rest /= 10) != 0);
	if (number < 0)
		digits[--at] = '-';
	text_append(text, digits + at, sizeof digits - at);
}

/* Returns something that depends on the text, and frees it. */
static inline uint64_t text_free(struct text *text)
{
	uint64_t sum = text->length * 31 + (unsigned char)text->bytes[text->length / 2];
	free(text->bytes);
	*text = (struct text){ NULL, 0, 0 };
	return sum;
}

#endif
