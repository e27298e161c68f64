/*
 * The reader: it goes through the bytes of a policy from left to right, and keeps the reason why they are wrong.
 *
 * Pure; the reader is the caller's. A function that takes something leaves the reader after it. A function that refuses
 * notes place and reason, and returns false, so that the caller can return its result.
 */
#ifndef TP_POLICY_READER_H
#define TP_POLICY_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tp_reader {
	const char *at, *end; /* the next byte, and the end of the text */
	const char *wrong; /* the place of what was refused */
	char reason[96]; /* why it was refused */
};

/* Return the next character, without taking it; '\0' at the end. */
char tp_reader_peek(const struct tp_reader *r);

/* Return whether a character is a decimal digit, in every locale. */
bool tp_reader_is_digit(char c);

/* Skip spaces and tabs. */
void tp_reader_skip_blanks(struct tp_reader *r);

/* Return whether a directive ends here: at white space, ';', '#', the end, or a comma before a size or '*'. */
bool tp_reader_at_end_of_directive(const struct tp_reader *r);

/* Skip to the end of the directive. Blanks after a comma or a colon do not end it. */
void tp_reader_skip_directive(struct tp_reader *r);

/* Take the letters, digits and '_' that come next, perhaps none. @word: set to the first. Returns how many. */
size_t tp_reader_take_word(struct tp_reader *r, const char **word);

/* Take the digits that come next, perhaps none. Returns the number, or UINT32_MAX if it is larger. */
uint32_t tp_reader_take_number(struct tp_reader *r);

/* Return whether a word of @length bytes is @name. */
bool tp_reader_is_name(const char *word, size_t length, const char *name);

/* Refuse what is at @place. Returns false. */
bool tp_reader_refuse(struct tp_reader *r, const char *place, const char *reason);

/* Refuse the word at @word. The reason has the word in quotes after it. Returns false. */
bool tp_reader_refuse_word(struct tp_reader *r, const char *reason, const char *word, size_t length);

/* Refuse the next character. Returns false. */
bool tp_reader_refuse_character(struct tp_reader *r);

/* Refuse what is not in a range. The reason is "@what @verb @low to @high". Returns false. */
bool tp_reader_refuse_range(
    struct tp_reader *r, const char *place, const char *what, const char *verb, uint32_t low, uint32_t high);

#endif
