/*
 * Reading a policy: bytes from the left to the right, and the reason where they are wrong.
 *
 * Pure; a reader is its caller's. What takes something stands behind it afterwards.
 * What refuses returns false, for its caller to return, and keeps place and reason.
 */
#ifndef TP_POLICY_READER_H
#define TP_POLICY_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tp_reader {
	const char *at, *end;
	const char *wrong; /* the place that the reason is about */
	char reason[96];
};

/* The character that stands here, '\0' at the end. */
char tp_reader_peek(const struct tp_reader *r);

bool tp_reader_is_digit(char c);

void tp_reader_skip_blanks(struct tp_reader *r);

/* Whether a directive ends here: white space, ';', '#', the end, or a comma before a size or '*'. */
bool tp_reader_at_end_of_directive(const struct tp_reader *r);

/* Skip to the end of the directive; a comma or colon may have blanks behind it. */
void tp_reader_skip_directive(struct tp_reader *r);

/* Take the letters, digits and '_' that stand here. Returns how many. */
size_t tp_reader_take_word(struct tp_reader *r, const char **word);

/* Take the digits that stand here. Returns their number, UINT32_MAX where it is larger. */
uint32_t tp_reader_take_number(struct tp_reader *r);

bool tp_reader_is_name(const char *word, size_t length, const char *name);

bool tp_reader_refuse(struct tp_reader *r, const char *place, const char *reason);

/* Refuse the word at @word: the reason, then the word in quotes. */
bool tp_reader_refuse_word(struct tp_reader *r, const char *reason, const char *word, size_t length);

/* Refuse the character that stands here. */
bool tp_reader_refuse_character(struct tp_reader *r);

/* Refuse what is not in a range: "@what @verb @low to @high". */
bool tp_reader_refuse_range(
    struct tp_reader *r, const char *place, const char *what, const char *verb, uint32_t low, uint32_t high);

#endif
