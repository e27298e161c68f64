/* The policy language: what every directive does, what is wrong with those that do nothing, and writing. */
#include "policy/language.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/unit/support/policies.h"

static struct tp_classes classes;

static struct policies_report read_text(const char *text)
{
	return policies_read(&classes, 65536, TP_ZERO_OFF, text, strlen(text));
}

/* The class of exactly so many bytes. */
static const struct tp_class *class_of(uint32_t object_bytes)
{
	const struct tp_class *c = &classes.row[policies_search(&classes, object_bytes)];

	cr_assert_eq(c->object_bytes, object_bytes, "there is no class of %u bytes", object_bytes);
	return c;
}

/* @text is right and leads to a policy that is written as @expected. */
static void expect_policy(const char *text, const char *expected)
{
	char buffer[TP_LANGUAGE_PRINT_BYTES];
	struct tp_line line = tp_line_start(buffer, sizeof buffer);
	struct policies_report report = read_text(text);

	cr_assert_eq(report.count, 0, "'%s': column %zu: %s", text, report.error.column, report.reason);
	cr_assert_null(policies_fault(&classes), "'%s': %s", text, policies_fault(&classes));
	tp_language_print(&classes, TP_ZERO_OFF, &line);
	cr_assert_str_eq(buffer, expected, "'%s' is\n%s", text, buffer);
}

/* @text has one wrong directive, at this place, for this reason. */
static void expect_error(const char *text, size_t line, size_t column, const char *reason)
{
	struct policies_report report = read_text(text);

	cr_assert_eq(report.count, 1, "'%s': %u are wrong, the last: %s", text, report.count, report.reason);
	cr_assert_str_eq(report.reason, reason, "'%s': %s", text, report.reason);
	cr_assert(report.error.line == line && report.error.column == column, "'%s': at %zu:%zu", text,
	    report.error.line, report.error.column);
}

/* @text, all of it wrong, is refused at this column and changes nothing. */
static void expect_nothing(const char *text, size_t column, const char *reason)
{
	static struct tp_classes untouched;

	expect_error(text, 1, column, reason);
	tp_class_build(&untouched, 65536, TP_ZERO_OFF);
	cr_assert(policies_equal(&classes, &untouched), "'%s' changed something", text);
}

Test(language, nothing_changes_nothing)
{
	expect_policy("", "");
	expect_policy(" \t\r\n;;\n # 4k:never\n#", "");
	expect_policy("4k 16-1k *", "");
}

Test(language, every_setting_of_a_size)
{
	expect_policy("4k:always", "4k:always\n");
	expect_policy("4k:never", "4k:never\n");
	expect_policy("4k:auto", "");
	expect_policy("4k:cap=1", "4k:cap=1\n");
	expect_policy("4k:cap=64", "4k:cap=64\n");
	expect_policy("4k:cap=511", "4k:cap=511\n");
	expect_policy("4k:warm=0", "");
	expect_policy("256:warm=511", "256:warm=511\n");
	expect_policy("4k:batch=1", "4k:batch=1\n");
	expect_policy("256:batch=256", "256:batch=256\n");
	expect_policy("4k:zero=put", "4k:zero=put\n");
	expect_policy("4k:zero=get", "4k:zero=get\n");
	expect_policy("4k:zero=off", "");
	expect_policy("4k:zero=get,batch=3,warm=2,cap=9,never", "4k:never,cap=9,warm=2,batch=3,zero=get\n");
	cr_assert_eq(class_of(4096)->mode, TP_CLASS_NEVER);
	cr_assert_eq(class_of(4096)->capacity, 9);
	cr_assert_eq(class_of(4096)->warm_count, 2);
	cr_assert_eq(class_of(4096)->refill_count, 3);
	cr_assert_eq(class_of(4096)->zero, TP_ZERO_GET);
}

Test(language, sizes_have_units_of_either_case_and_are_rounded_up)
{
	expect_policy("4096:never", "4k:never\n");
	expect_policy("4K:never", "4k:never\n");
	expect_policy("1:never", "16:never\n");
	expect_policy("17:never", "32:never\n");
	expect_policy("00016:never", "16:never\n");
	policies_read(&classes, 1048576, TP_ZERO_OFF, "1M:never 1023k:cap=3", 20);
	cr_assert_eq(class_of(1048576)->mode, TP_CLASS_NEVER);
	cr_assert_eq(class_of(1047552)->capacity, 3);
	cr_assert(class_of(1047552)->exact);
}

Test(language, directives_are_parted_by_space_semicolon_and_comma)
{
	static const char expected[] = "4k:never,warm=1\n8k:always\n";

	expect_policy("4k:never,warm=1 8k:always", expected);
	expect_policy("4k:never,warm=1\t8k:always", expected);
	expect_policy("4k:never,warm=1;8k:always", expected);
	expect_policy("4k:never,warm=1 ; 8k:always;", expected);
	expect_policy("4k:never,warm=1,8k:always", expected);
	expect_policy("4k:never,warm=1, 8k:always", expected);
	expect_policy("4k:never,warm=1\n8k:always\n", expected);
	expect_policy("4k:never,warm=1\r\n8k:always\r\n", expected);
	expect_policy("4k:never,warm=1 # not 8k:never\n8k:always#", expected);
	expect_policy("4k: never,  warm=1 8k:\talways", expected);
	expect_policy("4k:always,*:never", "16-64k:never\n");
	expect_policy("4k,4160,8k:never", "4160\n8k:never\n");
}

Test(language, a_range_is_all_classes_from_its_low_to_its_high_end)
{
	expect_policy("16-1k:never", "16-1k:never\n");
	expect_policy("1-1024:never", "16-1k:never\n");
	expect_policy("65-100:never", "80-112:never\n");
	expect_policy("4097-5000:never", "4608:never\n");
	expect_policy("4k-4k:never", "4k:never\n");
	expect_policy("*:never", "16-64k:never\n");
	expect_policy("16-64k:never", "16-64k:never\n");
}

Test(language, a_size_without_a_class_is_added)
{
	const struct tp_class *c;

	expect_policy("4160", "4160\n");
	c = class_of(4160);
	cr_assert(c->exact);
	cr_assert_eq(c->mode, TP_CLASS_AUTO);
	cr_assert_eq(classes.of_grain[4160 / 16], policies_search(&classes, 4160));
	expect_policy("4150:always", "4160:always\n");
	expect_policy("4160 4160:cap=3 4160", "4160:cap=3\n");
	expect_policy("4k", "");
	cr_assert_not(class_of(4096)->exact);
}

Test(language, an_added_size_inherits_mode_and_clearing_only)
{
	expect_policy("4608:never,zero=put,cap=7,warm=5,batch=2 4160",
	    "4160:never,zero=put\n4608:never,cap=7,warm=5,batch=2,zero=put\n");
	expect_policy("4160 4608:never,zero=put", "4160\n4608:never,zero=put\n");
	expect_policy("4160:always 4128", "4128:always\n4160:always\n");
}

Test(language, ranges_and_the_star_include_added_sizes)
{
	expect_policy("4160 4k-8k:cap=9", "4k:cap=9\n4160:cap=9\n4608-8k:cap=9\n");
	expect_policy("4160 4150-4200:cap=9", "4160:cap=9\n");
	expect_policy("4160 *:never", "16-4k:never\n4160:never\n4608-64k:never\n");
}

Test(language, later_directives_win_one_setting_at_a_time)
{
	expect_policy("*:never 1k-4k:auto 2k:always", "16-896:never\n2k:always\n4608-64k:never\n");
	expect_policy("2k:always,cap=9 *:never", "16-1792:never\n2k:never,cap=9\n2304-64k:never\n");
	expect_policy("2k:cap=9,cap=8", "2k:cap=8\n");
	expect_policy("2k:always,never", "2k:never\n");
}

Test(language, a_second_text_comes_after_the_first)
{
	static const char first[] = "2k:batch=80 2k:never,cap=9", second[] = "2k:cap=90,auto";
	struct policies_report report = { 0 };

	tp_class_build(&classes, 65536, TP_ZERO_OFF);
	tp_language_parse(&classes, first, strlen(first), policies_keep, &report);
	tp_language_parse(&classes, second, strlen(second), policies_keep, &report);
	tp_language_finish(&classes);
	cr_assert_eq(report.count, 0);
	cr_assert_eq(class_of(2048)->mode, TP_CLASS_AUTO);
	cr_assert_eq(class_of(2048)->capacity, 90);
	cr_assert_eq(class_of(2048)->refill_count, 80);
}

Test(language, warm_and_batch_are_bounded_by_the_cap_in_the_end)
{
	expect_policy("64:cap=3", "64:cap=3\n");
	cr_assert_eq(class_of(64)->refill_count, 3);
	expect_policy("64:batch=100,warm=100 64:cap=3", "64:cap=3,warm=3\n");
	expect_policy("64:cap=3 64:cap=300", "64:cap=300\n");
	expect_policy("*:warm=100 16-48k:warm=0", "50k-64k:warm=64\n");
}

Test(language, wrong_targets)
{
	expect_nothing("always", 1, "a size or * is missing");
	expect_nothing(" ,never", 2, "a size or * is missing");
	expect_nothing("-4k:never", 1, "a size or * is missing");
	expect_nothing("4k-:never", 4, "the range has no end");
	expect_nothing("4k-*:never", 4, "the range has no end");
	expect_nothing("4k-1k:never", 1, "the range is reversed");
	expect_nothing(" 4100-4200:never", 2, "no class from 4112 to 4208");
	expect_nothing("0", 1, "a size is from 1 to 65536");
	expect_nothing("0-64:never", 1, "a size is from 1 to 65536");
	expect_nothing("65537:never", 1, "over the largest size that is pooled, 65536 (TIDEPOOL_MAX_SIZE)");
	expect_nothing("1k-1m:never", 4, "over the largest size that is pooled, 65536 (TIDEPOOL_MAX_SIZE)");
	expect_nothing("4294967296", 1, "over the largest size that is pooled, 65536 (TIDEPOOL_MAX_SIZE)");
	expect_nothing(
	    "99999999999999999999999m", 1, "over the largest size that is pooled, 65536 (TIDEPOOL_MAX_SIZE)");
	expect_nothing("4kb:never", 2, "unknown unit 'kb'");
	expect_nothing("4g:never", 2, "unknown unit 'g'");
	expect_nothing("4k-8q:never", 5, "unknown unit 'q'");
	expect_nothing("4abcdefghijklmnopqrstuvwxyz", 2, "unknown unit 'abcdefghijklmnopqrstuvwx...'");
}

Test(language, wrong_settings)
{
	expect_nothing("4k:foo", 4, "unknown setting 'foo'");
	expect_nothing("4k:Always", 4, "unknown setting 'Always'");
	expect_nothing("4160:always,foo=3,never", 13, "unknown setting 'foo'");
	expect_nothing("4k:cap", 7, "cap needs a number from 1 to 511");
	expect_nothing("4k:cap=", 8, "cap needs a number from 1 to 511");
	expect_nothing("4k:cap=-1", 8, "cap needs a number from 1 to 511");
	expect_nothing("4k:cap=0", 8, "cap is from 1 to 511");
	expect_nothing("4k:cap=512", 8, "cap is from 1 to 511");
	expect_nothing("4k:cap=99999999999999999999", 8, "cap is from 1 to 511");
	expect_nothing("4k:warm=512", 9, "warm is from 0 to 511");
	expect_nothing("4k:batch=0", 10, "batch is from 1 to 256");
	expect_nothing("4k:batch=257", 10, "batch is from 1 to 256");
	expect_nothing("4k:cap=1k", 9, "unexpected 'k'");
	expect_nothing("4k:warm=17,cap=16", 9, "warm is from 0 to 16");
	expect_nothing("4k:cap=16,batch=17", 17, "batch is from 1 to 16");
	expect_nothing("4k:zero", 8, "zero is off, put or get");
	expect_nothing("4k:zero=", 9, "zero is off, put or get");
	expect_nothing("4k:zero=on", 9, "zero is off, put or get");
}

Test(language, missing_settings_and_stray_characters)
{
	expect_nothing("4k:", 4, "a setting is missing");
	expect_nothing("4k: ", 4, "a setting is missing");
	expect_nothing("4k:,never", 4, "a setting is missing");
	expect_nothing("4k:never,", 10, "a setting is missing");
	expect_nothing("4k:never,,warm=1", 10, "a setting is missing");
	expect_nothing("4k:8k", 4, "a setting is missing");
	expect_nothing("4k,never", 3, "unexpected ','");
	expect_nothing("4k=never", 3, "unexpected '='");
	expect_nothing("4k:never:warm=1", 9, "unexpected ':'");
	expect_nothing("4k:never=1", 9, "unexpected '='");
	expect_nothing("4k:%", 4, "unexpected '%'");
	expect_nothing("**", 2, "unexpected '*'");
	expect_nothing("4k\v", 3, "unexpected byte 11");
	expect_nothing("4k:\xc3\xa4", 4, "unexpected byte 195");
	policies_read(&classes, 65536, TP_ZERO_OFF, "4k\0:never", 9);
	cr_assert_eq(class_of(4096)->mode, TP_CLASS_AUTO);
}

Test(language, a_wrong_directive_is_ignored_and_the_next_ones_count)
{
	static const char *const texts[] = {
		"4160:cap=3,foo,never 8k:never",
		"4160:cap=3,foo,never;8k:never",
		"4160:cap=3,foo, never, 8k:never",
		"4160:cap=3,foo: never,8k:never",
		"4160:cap=3,foo#never\n8k:never",
		"4160:cap=3, 8k:never",
		"70000:cap=3,8k:never",
		"9-8:cap=3,8k:never",
		"4k: 8k:never",
		"4k:never, ;8k:never",
		"foo 8k:never",
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct policies_report report = read_text(texts[i]);

		cr_assert_eq(class_of(8192)->mode, TP_CLASS_NEVER, "'%s'", texts[i]);
		cr_assert_eq(class_of(4096)->mode, TP_CLASS_AUTO, "'%s'", texts[i]);
		/* One of them is right, and adds its size. */
		bool right = strncmp(texts[i], "4160:cap=3, 8k", 14) == 0;
		cr_assert_eq(report.count, right ? 0 : 1, "'%s': %u", texts[i], report.count);
		cr_assert_eq(
		    classes.row[policies_search(&classes, 4160)].object_bytes == 4160, right, "'%s'", texts[i]);
	}
}

Test(language, an_error_knows_its_line_and_column)
{
	static const char text[] = "4k:never\n\n# foo\n  8k:always ; 9k:foo\n1k:never";

	expect_error(text, 4, 18, "unknown setting 'foo'");
	cr_assert_eq(read_text(text).error.offset, 33);
	cr_assert_eq(class_of(1024)->mode, TP_CLASS_NEVER);
	expect_error("4k:cap=\n8k:never", 1, 8, "cap needs a number from 1 to 511");
}

Test(language, added_sizes_are_limited_by_the_room_for_classes)
{
	static char text[TP_CLASS_LIMIT * 8];
	size_t length = 0;
	unsigned count = 0;

	for (unsigned bytes = 4112; bytes < 4096 + 16 * 80; bytes += 16)
		length += (size_t)snprintf(text + length, sizeof text - length, "%u ", bytes);
	struct policies_report report = read_text(text);

	for (unsigned i = 1; i < classes.count; i++)
		count += classes.row[i].exact;
	cr_assert_eq(classes.count, TP_CLASS_LIMIT);
	cr_assert_eq(count, TP_CLASS_LIMIT - 65);
	cr_assert_str_eq(report.reason, "no room for one more size");
	cr_assert_null(policies_fault(&classes), "%s", policies_fault(&classes));
	cr_assert_null(policies_loss(&classes, TP_ZERO_OFF), "%s", policies_loss(&classes, TP_ZERO_OFF));
}

Test(language, clearing_is_said_of_every_class_where_it_is_the_default)
{
	char buffer[TP_LANGUAGE_PRINT_BYTES];
	struct tp_line line = tp_line_start(buffer, sizeof buffer);

	policies_read(&classes, 65536, TP_ZERO_PUT, "4k:zero=off 4160:zero=get", 25);
	tp_language_print(&classes, TP_ZERO_PUT, &line);
	cr_assert_str_eq(buffer, "16-3584:zero=put\n4k:zero=off\n4160:zero=get\n4608-64k:zero=put\n", "%s", buffer);
}

/* A generator of its own, so that every run has the same texts. */
static uint32_t draw(uint32_t limit)
{
	static uint64_t state = 4711;

	state = state * 6364136223846793005U + 1442695040888963407U;
	return (uint32_t)(state >> 33) % limit;
}

static size_t add_random_directive(char *text, size_t room, uint32_t max_bytes)
{
	static const char *const words[] = { "auto", "always", "never", "zero=off", "zero=put", "zero=get" };
	uint32_t low = 1 + draw(max_bytes), high = low + draw(max_bytes - low + 1);
	int length;

	switch (draw(4)) {
	case 0:
		length = snprintf(text, room, "*");
		break;
	case 1:
		length = snprintf(text, room, "%u-%u", low, high);
		break;
	default:
		length = snprintf(text, room, "%u", low);
	}
	for (uint32_t items = draw(4), i = 0; i < items; i++) {
		length += snprintf(text + length, room - (size_t)length, "%c", i == 0 ? ':' : ',');
		switch (draw(4)) {
		case 0:
			length += snprintf(text + length, room - (size_t)length, "cap=%u", 1 + draw(511));
			break;
		case 1:
			length += snprintf(text + length, room - (size_t)length, "warm=%u", draw(40));
			break;
		case 2:
			length += snprintf(text + length, room - (size_t)length, "batch=%u", 1 + draw(256));
			break;
		default:
			length += snprintf(text + length, room - (size_t)length, "%s", words[draw(6)]);
		}
	}
	length += snprintf(text + length, room - (size_t)length, "%c", " ;\n,"[draw(4)]);
	return (size_t)length;
}

Test(language, what_is_written_of_random_policies_reads_as_the_same)
{
	static const uint32_t sizes[] = { 16, 256, 4096, 65536, 1048576 };
	char text[4096];
	unsigned changed = 0;

	for (unsigned round = 0; round < 3000; round++) {
		size_t length = 0;
		uint32_t max_bytes = sizes[draw(5)];
		enum tp_class_zero zero = (enum tp_class_zero)draw(3);

		for (uint32_t directives = draw(20); directives > 0; directives--)
			length += add_random_directive(text + length, sizeof text - length, max_bytes);
		policies_read(&classes, max_bytes, zero, text, length);
		const char *fault = policies_fault(&classes);
		const char *loss = policies_loss(&classes, zero);

		cr_assert_null(fault, "%.*s: %s", (int)length, text, fault);
		cr_assert_null(loss, "%.*s: %s", (int)length, text, loss);
		changed += classes.count > 70;
	}
	cr_assert_gt(changed, 100, "the texts say too little");
}
