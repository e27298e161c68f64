/* The reader. See reader.h. @rare */
#include "policy/reader.h"

#include <string.h>

#include "policy/line.h"

#define WORD_SHOWN 24U /* characters of a word that a reason quotes */

char tp_reader_peek(const struct tp_reader *r)
{
	if (r->at == r->end)
		return '\0';
	return *r->at;
}

bool tp_reader_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
	return tp_reader_is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

void tp_reader_skip_blanks(struct tp_reader *r)
{
	while (is_blank(tp_reader_peek(r)))
		r->at++;
}

/* Whether a comma before a target comes next. No setting begins with a digit or '*', so it ends a directive. */
static bool at_separating_comma(const struct tp_reader *r)
{
	struct tp_reader next = { .at = r->at, .end = r->end };

	if (tp_reader_peek(&next) != ',')
		return false;
	next.at++;
	tp_reader_skip_blanks(&next);
	return tp_reader_is_digit(tp_reader_peek(&next)) || tp_reader_peek(&next) == '*';
}

bool tp_reader_at_end_of_directive(const struct tp_reader *r)
{
	if (r->at == r->end)
		return true;
	return is_blank(*r->at) || *r->at == '\n' || *r->at == '\r' || *r->at == ';' || *r->at == '#' ||
	       at_separating_comma(r);
}

void tp_reader_skip_directive(struct tp_reader *r)
{
	while (!tp_reader_at_end_of_directive(r)) {
		char c = *r->at++;

		if (c == ',' || c == ':')
			tp_reader_skip_blanks(r);
	}
}

size_t tp_reader_take_word(struct tp_reader *r, const char **word)
{
	*word = r->at;
	while (is_word(tp_reader_peek(r)))
		r->at++;
	return (size_t)(r->at - *word);
}

uint32_t tp_reader_take_number(struct tp_reader *r)
{
	uint64_t number = 0;

	for (; tp_reader_is_digit(tp_reader_peek(r)); r->at++)
		if (number < UINT32_MAX)
			number = number * 10 + (uint64_t)(*r->at - '0');
	return number < UINT32_MAX ? (uint32_t)number : UINT32_MAX;
}

bool tp_reader_is_name(const char *word, size_t length, const char *name)
{
	return strlen(name) == length && memcmp(word, name, length) == 0;
}

/* Note the place. Returns an empty line for the reason. */
static struct tp_line reason_at(struct tp_reader *r, const char *place)
{
	r->wrong = place;
	return tp_line_start(r->reason, sizeof r->reason);
}

bool tp_reader_refuse(struct tp_reader *r, const char *place, const char *reason)
{
	struct tp_line line = reason_at(r, place);

	tp_line_add(&line, reason);
	return false;
}

bool tp_reader_refuse_word(struct tp_reader *r, const char *reason, const char *word, size_t length)
{
	struct tp_line line = reason_at(r, word);

	tp_line_add(&line, reason);
	tp_line_add(&line, " '");
	for (size_t i = 0; i < length && i < WORD_SHOWN; i++)
		tp_line_add_char(&line, word[i]);
	tp_line_add(&line, length > WORD_SHOWN ? "...'" : "'");
	return false;
}

bool tp_reader_refuse_character(struct tp_reader *r)
{
	if (*r->at > ' ' && *r->at < 0x7f)
		return tp_reader_refuse_word(r, "unexpected", r->at, 1);
	struct tp_line line = reason_at(r, r->at);

	/* The byte may be half of a letter, or move a terminal's cursor, so its number is shown. */
	tp_line_add(&line, "unexpected byte ");
	tp_line_add_number(&line, (unsigned char)*r->at);
	return false;
}

bool tp_reader_refuse_range(
    struct tp_reader *r, const char *place, const char *what, const char *verb, uint32_t low, uint32_t high)
{
	struct tp_line line = reason_at(r, place);

	tp_line_add(&line, what);
	tp_line_add_char(&line, ' ');
	tp_line_add(&line, verb);
	tp_line_add_char(&line, ' ');
	tp_line_add_number(&line, low);
	tp_line_add(&line, " to ");
	tp_line_add_number(&line, high);
	return false;
}
