/*
 * The policy language. A directive is read whole before it is applied or refused. Writing makes one directive of
 * neighbouring classes with the same settings. See language.h.
 */
#include "policy/language.h"

#include <stdbool.h>

#include "policy/reader.h"
#include "policy/setting.h"

#define SIZE_GRAIN (1U << TP_CLASS_GRAIN_SHIFT)

/* A directive as it was read. */
struct directive {
	const char *place; /* where its target is in the text */
	uint32_t low, high; /* bytes, multiples of the grain */
	bool single; /* one size, not a range */
	struct tp_settings settings;
};

static bool refuse_size(struct tp_reader *r, const char *place, uint32_t max_bytes)
{
	char reason[80];
	struct tp_line line = tp_line_start(reason, sizeof reason);

	tp_line_add(&line, "over the largest size that is pooled, ");
	tp_line_add_number(&line, max_bytes);
	tp_line_add(&line, " (TIDEPOOL_MAX_SIZE)");
	return tp_reader_refuse(r, place, reason);
}

/* Take a size. Returns false, having refused, if it is wrong. So do the other functions named take. */
static bool take_size(struct tp_reader *r, uint32_t max_bytes, uint32_t *bytes)
{
	const char *place = r->at, *unit;
	uint64_t number = tp_reader_take_number(r);
	size_t length = tp_reader_take_word(r, &unit);

	if (tp_reader_is_name(unit, length, "k") || tp_reader_is_name(unit, length, "K"))
		number <<= 10;
	else if (tp_reader_is_name(unit, length, "m") || tp_reader_is_name(unit, length, "M"))
		number <<= 20;
	else if (length > 0)
		return tp_reader_refuse_word(r, "unknown unit", unit, length);
	if (number == 0)
		return tp_reader_refuse_range(r, place, "a size", "is from", 1, max_bytes);
	if (number > max_bytes)
		return refuse_size(r, place, max_bytes);
	*bytes = (uint32_t)number;
	return true;
}

/* Round up as a request for so many bytes is. */
static uint32_t round_up(uint32_t bytes)
{
	return (bytes + SIZE_GRAIN - 1) & ~(SIZE_GRAIN - 1);
}

static bool take_end_of_range(struct tp_reader *r, uint32_t max_bytes, struct directive *d)
{
	r->at++;
	if (!tp_reader_is_digit(tp_reader_peek(r)))
		return tp_reader_refuse(r, r->at, "the range has no end");
	if (!take_size(r, max_bytes, &d->high))
		return false;
	return d->low <= d->high || tp_reader_refuse(r, d->place, "the range is reversed");
}

static bool take_target(struct tp_reader *r, uint32_t max_bytes, struct directive *d)
{
	d->place = r->at;
	if (tp_reader_peek(r) == '*') {
		r->at++;
		d->low = SIZE_GRAIN;
		d->high = max_bytes;
		return true;
	}
	if (!tp_reader_is_digit(tp_reader_peek(r)))
		return tp_reader_refuse(r, r->at, "a size or * is missing");
	if (!take_size(r, max_bytes, &d->low))
		return false;
	d->single = tp_reader_peek(r) != '-';
	d->high = d->low;
	if (!d->single && !take_end_of_range(r, max_bytes, d))
		return false;
	d->low = round_up(d->low);
	d->high = round_up(d->high);
	return true;
}

/* Whether the place of a setting has none: the directive ends here, or another directive or setting begins. */
static bool is_setting_missing(const struct tp_reader *r)
{
	return tp_reader_at_end_of_directive(r) || tp_reader_is_digit(*r->at) || *r->at == '*' || *r->at == ',';
}

static bool take_settings(struct tp_reader *r, struct tp_settings *s)
{
	for (char opening = ':'; !tp_reader_at_end_of_directive(r); opening = ',') {
		if (tp_reader_peek(r) != opening)
			return tp_reader_refuse_character(r);
		const char *place = ++r->at;

		tp_reader_skip_blanks(r);
		if (is_setting_missing(r)) {
			r->at = place; /* so that the next directive, after the blanks, is not skipped */
			return tp_reader_refuse(r, place, "a setting is missing");
		}
		if (!tp_setting_take(r, s))
			return false;
	}
	return tp_setting_check(r, s);
}

/* Apply a directive to its classes. Returns false, having refused, if it has none. */
static bool apply(struct tp_reader *r, struct tp_classes *classes, const struct directive *d)
{
	unsigned first = 1, last = classes->count - 1;

	if (d->single) {
		first = last = tp_class_add(classes, d->low);
		if (first == 0)
			return tp_reader_refuse(r, d->place, "no room for one more size");
	} else {
		while (classes->row[first].object_bytes < d->low)
			first++;
		while (classes->row[last].object_bytes > d->high)
			last--;
		if (first > last)
			return tp_reader_refuse_range(r, d->place, "no class", "from", d->low, d->high);
	}
	for (unsigned i = first; i <= last; i++)
		tp_setting_apply(&d->settings, &classes->row[i]);
	return true;
}

static bool take_directive(struct tp_reader *r, struct tp_classes *classes)
{
	struct directive d = { 0 };

	tp_setting_clear(&d.settings);
	return take_target(r, classes->max_bytes, &d) && take_settings(r, &d.settings) && apply(r, classes, &d);
}

static void skip_comment(struct tp_reader *r)
{
	while (r->at < r->end && *r->at != '\n')
		r->at++;
}

void tp_language_parse(struct tp_classes *classes, const char *text, size_t bytes,
    void (*report)(void *context, const struct tp_language_error *error), void *context)
{
	struct tp_reader r = { .at = text, .end = text + bytes };
	const char *line_start = text;
	size_t line = 1;

	while (r.at < r.end) {
		if (*r.at == '#') {
			skip_comment(&r);
		} else if (tp_reader_at_end_of_directive(&r)) {
			if (*r.at++ == '\n') {
				line_start = r.at;
				line++;
			}
		} else if (!take_directive(&r, classes)) {
			struct tp_language_error error = { .line = line, .reason = r.reason };

			error.offset = (size_t)(r.wrong - text);
			error.column = (size_t)(r.wrong - line_start) + 1;
			report(context, &error);
			tp_reader_skip_directive(&r);
		}
	}
}

void tp_language_finish(struct tp_classes *classes)
{
	for (unsigned i = 1; i < classes->count; i++)
		tp_setting_bound(&classes->row[i]);
	tp_class_index(classes);
}

static void print_size(uint32_t bytes, struct tp_line *line)
{
	unsigned shift = bytes % (1U << 20) == 0 ? 20 : bytes % (1U << 10) == 0 ? 10 : 0;

	tp_line_add_number(line, bytes >> shift);
	if (shift > 0)
		tp_line_add_char(line, shift == 20 ? 'm' : 'k');
}

void tp_language_print(const struct tp_classes *classes, enum tp_class_zero zero, struct tp_line *line)
{
	struct tp_settings nothing, here, next;
	unsigned last;

	tp_setting_clear(&nothing);
	for (unsigned first = 1; first < classes->count; first = last + 1) {
		const struct tp_class *c = &classes->row[first];

		last = first;
		tp_setting_find(c, zero, &here);
		while (!c->exact && last + 1 < classes->count && !classes->row[last + 1].exact) {
			tp_setting_find(&classes->row[last + 1], zero, &next);
			if (!tp_setting_equal(&here, &next))
				break;
			last++;
		}
		if (!c->exact && tp_setting_equal(&here, &nothing))
			continue;
		print_size(c->object_bytes, line);
		if (last > first) {
			tp_line_add_char(line, '-');
			print_size(classes->row[last].object_bytes, line);
		}
		tp_setting_print(&here, line);
		tp_line_add_char(line, '\n');
	}
}
