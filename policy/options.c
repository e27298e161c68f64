/* Options: the rows, the parser, the reasons. See options.h and options.def. */
#include "policy/options.h"

#include <signal.h>
#include <string.h>

#include "policy/line.h"

const struct tp_option_row tp_option_rows[] = {
#define TP_OPTION(field, name, kind, initial, values, help) { name, TP_KIND_##kind, initial, values, help },
#include "policy/options.def"
#undef TP_OPTION
};

const size_t tp_option_count = sizeof tp_option_rows / sizeof *tp_option_rows;

/* The signals that an option may name. Signals that cannot be caught, or that mean a crash, are left out. */
static const struct {
	const char *name;
	int number;
} signals[] = {
	{ "HUP", SIGHUP },
	{ "INT", SIGINT },
	{ "QUIT", SIGQUIT },
	{ "USR1", SIGUSR1 },
	{ "USR2", SIGUSR2 },
	{ "ALRM", SIGALRM },
	{ "TERM", SIGTERM },
	{ "URG", SIGURG },
	{ "XCPU", SIGXCPU },
	{ "VTALRM", SIGVTALRM },
	{ "PROF", SIGPROF },
	{ "WINCH", SIGWINCH },
	{ "IO", SIGIO },
	{ "PWR", SIGPWR },
};

struct tp_option_value *tp_options_value(struct tp_options *options, size_t index)
{
	_Static_assert(
	    sizeof(struct tp_options) % sizeof(struct tp_option_value) == 0, "options are an array of values");
	return (struct tp_option_value *)options + index;
}

/* Find @word in a list of words by commas. Returns its index, or -1. */
static int place_in_list(const char *list, const char *word)
{
	size_t length = strlen(word);

	for (int place = 0;; place++) {
		size_t here = (size_t)(strchrnul(list, ',') - list);

		if (here == length && length > 0 && memcmp(list, word, length) == 0)
			return place;
		if (list[here] == '\0')
			return -1;
		list += here + 1;
	}
}

/* A suffix of a number, and its factor. A list of units ends with a name of NULL. */
struct unit {
	const char *name;
	uint64_t factor;
};

static const struct unit size_units[] = {
	{ "", 1 },
	{ "k", UINT64_C(1) << 10 },
	{ "m", UINT64_C(1) << 20 },
	{ "g", UINT64_C(1) << 30 },
	{ "t", UINT64_C(1) << 40 },
	{ NULL, 0 },
};

static const struct unit plain_units[] = {
	{ "", 1 },
	{ NULL, 0 },
};

static const struct unit time_units[] = {
	{ "ms", 1000000 },
	{ "s", 1000000000 },
	{ "m", UINT64_C(60000000000) },
	{ "h", UINT64_C(3600000000000) },
	{ NULL, 0 },
};

/* Whether @text, up to a space or its end, is @name, in small or capital letters. */
static bool is_word(const char *text, const char *name)
{
	for (; *name; text++, name++)
		if ((*text | 0x20) != *name)
			return false;
	return *text == '\0' || *text == ' ';
}

/* Read a number and its unit, up to a space or the end. Returns false if it is none, or too large for 64 bits. */
static bool read_quantity(const char *text, const struct unit *unit, uint64_t *quantity)
{
	uint64_t value = 0;

	if (*text < '0' || *text > '9')
		return false;
	for (; *text >= '0' && *text <= '9'; text++)
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*text - '0'), &value))
			return false;
	while (unit->name && !is_word(text, unit->name))
		unit++;
	return unit->name && !__builtin_mul_overflow(value, unit->factor, quantity);
}

/* Read a quantity that is in @range, "LOW to HIGH". Returns false if it is not. */
static bool parse_quantity(const char *text, const char *range, const struct unit *units, uint64_t *quantity)
{
	uint64_t low = 0, high = 0;

	read_quantity(range, units, &low);
	read_quantity(strstr(range, " to ") + 4, units, &high);
	return !strchr(text, ' ') && read_quantity(text, units, quantity) && *quantity >= low && *quantity <= high;
}

/* Read a signal's name, with or without SIG; empty is none. */
static bool parse_signal(const char *text, uint64_t *number)
{
	*number = 0;
	if (*text == '\0')
		return true;
	if (strncmp(text, "SIG", 3) == 0)
		text += 3;
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
		if (strcmp(text, signals[i].name) == 0) {
			*number = (uint64_t)signals[i].number;
			return true;
		}
	}
	return false;
}

/* Set @value to @text if the option's row allows that. Returns whether it does. */
static bool parse(const struct tp_option_row *row, const char *text, struct tp_option_value *value)
{
	uint64_t number = 0;
	bool valid = true;

	switch (row->kind) {
	case TP_KIND_CHOICE:
	case TP_KIND_FLAG: {
		int place = place_in_list(row->values, text);

		valid = place >= 0;
		number = (uint64_t)place;
		break;
	}
	case TP_KIND_SIZE:
		valid = parse_quantity(text, row->values, size_units, &number);
		break;
	case TP_KIND_TIME:
		valid = strcmp(text, "0") == 0 || parse_quantity(text, row->values, time_units, &number);
		break;
	case TP_KIND_NUMBER:
		valid = parse_quantity(text, row->values, plain_units, &number);
		break;
	case TP_KIND_SIGNAL:
		valid = parse_signal(text, &number);
		break;
	case TP_KIND_TEXT:
		break;
	}
	if (valid) {
		value->number = number;
		value->text = text;
	}
	return valid;
}

void tp_options_reset(struct tp_options *options)
{
	for (size_t i = 0; i < tp_option_count; i++) {
		*tp_options_value(options, i) = (struct tp_option_value){ 0 };
		parse(&tp_option_rows[i], tp_option_rows[i].initial, tp_options_value(options, i));
	}
}

enum tp_option_result tp_options_apply(
    struct tp_options *options, const char *assignment, const struct tp_option_row **row)
{
	size_t prefix = sizeof TP_OPTIONS_PREFIX - 1;

	if (strncmp(assignment, TP_OPTIONS_PREFIX, prefix) != 0)
		return TP_OPTION_FOREIGN;
	const char *name = assignment + prefix;
	size_t length = (size_t)(strchrnul(name, '=') - name);

	for (size_t i = 0; i < tp_option_count; i++) {
		if (strlen(tp_option_rows[i].name) != length || memcmp(tp_option_rows[i].name, name, length) != 0)
			continue;
		*row = &tp_option_rows[i];
		if (name[length] != '=' || !parse(*row, name + length + 1, tp_options_value(options, i)))
			return TP_OPTION_WRONG;
		tp_options_value(options, i)->given = true;
		return TP_OPTION_SET;
	}
	return TP_OPTION_UNKNOWN;
}

void tp_options_explain(const struct tp_option_row *row, char *buffer, size_t bytes)
{
	static const char *const openings[] = {
		[TP_KIND_CHOICE] = "not one of ",
		[TP_KIND_FLAG] = "not one of ",
		[TP_KIND_SIZE] = "not a size from ",
		[TP_KIND_TIME] = "not 0 or a time from ",
		[TP_KIND_NUMBER] = "not a number from ",
		[TP_KIND_SIGNAL] = "not ",
		[TP_KIND_TEXT] = "not ",
	};

	struct tp_line line = tp_line_start(buffer, bytes);

	tp_line_add(&line, openings[row->kind]);
	for (const char *c = row->values; *c; c++) {
		tp_line_add_char(&line, *c);
		if (*c == ',')
			tp_line_add_char(&line, ' ');
	}
}
