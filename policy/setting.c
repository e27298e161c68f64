/* Settings: reading, applying, writing. See setting.h. */
#include "policy/setting.h"

#include <string.h>

#define NAME_COUNT 3 /* of modes, and of ways to clear */

static const char *const mode_names[NAME_COUNT] = { "auto", "always", "never" };
static const char *const zero_names[NAME_COUNT] = { "off", "put", "get" };

/* The settings that are numbers, with their bounds. */
static const struct count {
	const char *name; /* NULL: the setting is no number */
	int low, high;
} counts[TP_SETTING_COUNT] = {
	[TP_SETTING_CAP] = { "cap", 1, TP_CLASS_CAPACITY_MAX },
	[TP_SETTING_WARM] = { "warm", 0, TP_CLASS_CAPACITY_MAX },
	[TP_SETTING_BATCH] = { "batch", 1, TP_CLASS_BATCH_MAX },
};

void tp_setting_clear(struct tp_settings *s)
{
	for (size_t i = 0; i < TP_SETTING_COUNT; i++)
		s->value[i] = TP_SETTING_UNSAID;
}

/* Find a word among names. Returns its index, or TP_SETTING_UNSAID. */
static int find_name(const char *word, size_t length, const char *const names[NAME_COUNT])
{
	for (int place = 0; place < NAME_COUNT; place++)
		if (tp_reader_is_name(word, length, names[place]))
			return place;
	return TP_SETTING_UNSAID;
}

/* Refuse a number that is missing or out of its bounds. Returns false. */
static bool refuse_count(struct tp_reader *r, const char *place, const struct count *count, const char *verb, int high)
{
	return tp_reader_refuse_range(r, place, count->name, verb, (uint32_t)count->low, (uint32_t)high);
}

/* Take "=number" after a name. So does take_zero with a word. */
static bool take_count(struct tp_reader *r, struct tp_settings *s, size_t setting)
{
	const struct count *count = &counts[setting];
	const char *rest;

	if (tp_reader_peek(r) == '=')
		r->at++;
	const char *place = r->at;
	if (!tp_reader_is_digit(tp_reader_peek(r)))
		return refuse_count(r, place, count, "needs a number from", count->high);
	uint32_t number = tp_reader_take_number(r);
	size_t length = tp_reader_take_word(r, &rest);

	if (length > 0)
		return tp_reader_refuse_word(r, "unexpected", rest, length);
	if (number < (uint32_t)count->low || number > (uint32_t)count->high)
		return refuse_count(r, place, count, "is from", count->high);
	s->value[setting] = (int)number;
	s->place[setting] = place;
	return true;
}

static bool take_zero(struct tp_reader *r, struct tp_settings *s)
{
	const char *word;

	if (tp_reader_peek(r) == '=')
		r->at++;
	size_t length = tp_reader_take_word(r, &word);

	s->value[TP_SETTING_ZERO] = find_name(word, length, zero_names);
	return s->value[TP_SETTING_ZERO] != TP_SETTING_UNSAID || tp_reader_refuse(r, word, "zero is off, put or get");
}

bool tp_setting_take(struct tp_reader *r, struct tp_settings *s)
{
	const char *word;
	size_t length = tp_reader_take_word(r, &word);

	if (length == 0)
		return tp_reader_refuse_character(r);
	int mode = find_name(word, length, mode_names);
	if (mode != TP_SETTING_UNSAID) {
		s->value[TP_SETTING_MODE] = mode;
		return true;
	}
	if (tp_reader_is_name(word, length, "zero"))
		return take_zero(r, s);
	for (size_t i = 0; i < TP_SETTING_COUNT; i++)
		if (counts[i].name && tp_reader_is_name(word, length, counts[i].name))
			return take_count(r, s, i);
	return tp_reader_refuse_word(r, "unknown setting", word, length);
}

bool tp_setting_check(struct tp_reader *r, const struct tp_settings *s)
{
	int cap = s->value[TP_SETTING_CAP];

	for (size_t i = 0; cap != TP_SETTING_UNSAID && i < TP_SETTING_COUNT; i++)
		if (counts[i].name && s->value[i] > cap)
			return refuse_count(r, s->place[i], &counts[i], "is from", cap);
	return true;
}

void tp_setting_apply(const struct tp_settings *s, struct tp_class *c)
{
	const int *value = s->value;

	if (value[TP_SETTING_MODE] != TP_SETTING_UNSAID)
		c->mode = (uint8_t)value[TP_SETTING_MODE];
	if (value[TP_SETTING_CAP] != TP_SETTING_UNSAID) {
		c->capacity = (uint16_t)value[TP_SETTING_CAP];
		c->capped = true;
	}
	if (value[TP_SETTING_WARM] != TP_SETTING_UNSAID)
		c->warm_count = (uint16_t)value[TP_SETTING_WARM];
	if (value[TP_SETTING_BATCH] != TP_SETTING_UNSAID)
		c->refill_count = (uint16_t)value[TP_SETTING_BATCH];
	if (value[TP_SETTING_ZERO] != TP_SETTING_UNSAID)
		c->zero = (uint8_t)value[TP_SETTING_ZERO];
}

void tp_setting_bound(struct tp_class *c)
{
	if (c->warm_count > c->capacity)
		c->warm_count = c->capacity;
	if (c->refill_count > c->capacity)
		c->refill_count = c->capacity;
}

void tp_setting_find(const struct tp_class *c, enum tp_class_zero zero, struct tp_settings *s)
{
	struct tp_class initial = *c;

	tp_setting_clear(s);
	tp_class_reset_settings(&initial);
	if (c->capped)
		s->value[TP_SETTING_CAP] = c->capacity;
	/* A batch that is smaller only because of the cap is not said. */
	initial.capacity = c->capacity;
	tp_setting_bound(&initial);
	if (c->mode != TP_CLASS_AUTO)
		s->value[TP_SETTING_MODE] = c->mode;
	if (c->warm_count != initial.warm_count)
		s->value[TP_SETTING_WARM] = c->warm_count;
	if (c->refill_count != initial.refill_count)
		s->value[TP_SETTING_BATCH] = c->refill_count;
	if (c->zero != TP_ZERO_OFF || zero != TP_ZERO_OFF)
		s->value[TP_SETTING_ZERO] = c->zero;
}

bool tp_setting_equal(const struct tp_settings *a, const struct tp_settings *b)
{
	return memcmp(a->value, b->value, sizeof a->value) == 0;
}

void tp_setting_print(const struct tp_settings *s, struct tp_line *line)
{
	char opening = ':';

	for (size_t i = 0; i < TP_SETTING_COUNT; i++) {
		if (s->value[i] == TP_SETTING_UNSAID)
			continue;
		tp_line_add_char(line, opening);
		opening = ',';
		if (i == TP_SETTING_MODE) {
			tp_line_add(line, mode_names[s->value[i]]);
		} else if (i == TP_SETTING_ZERO) {
			tp_line_add(line, "zero=");
			tp_line_add(line, zero_names[s->value[i]]);
		} else {
			tp_line_add(line, counts[i].name);
			tp_line_add_char(line, '=');
			tp_line_add_number(line, (uint64_t)s->value[i]);
		}
	}
}
