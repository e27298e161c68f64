/* Which classes are pooled: by rate, lifetime and budget, every rule at its edge. */
#include "policy/admission.h"

#include <criterion/criterion.h>
#include <string.h>

#define SECOND UINT64_C(1000000000)

static const struct tp_admission_limits usual = {
	.admit_per_s = 1000,
	.dismiss_per_s = 10,
	.max_bytes = 1 << 20,
	.elapsed_ns = SECOND,
	.tick_ns = SECOND,
};

/* Decide for one class; what comes back serves as the next tick's. */
static void tick(const struct tp_admission_limits *limits, struct tp_admission_class *c, uint64_t gets, uint64_t puts)
{
	c->gets = gets;
	c->puts = puts;
	tp_admission_decide(limits, c, 1);
}

static void expect(const struct tp_admission_class *c, bool admitted, enum tp_why why)
{
	cr_assert_eq(c->admitted, admitted, "admitted: %d, why: %s", c->admitted, tp_admission_why_name(c->why));
	cr_assert_eq(c->why, why, "why: %s, not %s", tp_admission_why_name(c->why), tp_admission_why_name(why));
}

Test(admission, a_class_is_admitted_above_the_rate_and_not_at_it)
{
	struct tp_admission_class c = { .mode = TP_CLASS_AUTO };

	tick(&usual, &c, 0, 0);
	expect(&c, false, TP_WHY_START);
	tick(&usual, &c, 1000, 1000);
	expect(&c, false, TP_WHY_START);
	tick(&usual, &c, 1001, 1000);
	expect(&c, true, TP_WHY_RATE);
}

Test(admission, what_only_comes_back_admits_nothing)
{
	struct tp_admission_class c = { .mode = TP_CLASS_AUTO };

	tick(&usual, &c, 0, 1000000);
	expect(&c, false, TP_WHY_START);
}

Test(admission, a_class_is_dismissed_below_the_rate_and_not_at_it)
{
	struct tp_admission_class c = { .mode = TP_CLASS_AUTO, .admitted = true, .why = TP_WHY_RATE };

	tick(&usual, &c, 10, 10);
	expect(&c, true, TP_WHY_RATE);
	tick(&usual, &c, 9, 9);
	expect(&c, false, TP_WHY_RATE);
}

Test(admission, what_comes_back_keeps_a_class)
{
	struct tp_admission_class c = { .mode = TP_CLASS_AUTO, .admitted = true, .why = TP_WHY_RATE };

	tick(&usual, &c, 0, 10);
	expect(&c, true, TP_WHY_RATE);
	tick(&usual, &c, 0, 9);
	expect(&c, false, TP_WHY_RATE);
}

Test(admission, between_the_rates_all_stays_as_it_is)
{
	struct tp_admission_class in = { .mode = TP_CLASS_AUTO, .admitted = true, .why = TP_WHY_RATE };
	struct tp_admission_class out = { .mode = TP_CLASS_AUTO };

	for (uint64_t gets = 10; gets <= 1000; gets += 90) {
		tick(&usual, &in, gets, gets);
		tick(&usual, &out, gets, gets);
		expect(&in, true, TP_WHY_RATE);
		expect(&out, false, TP_WHY_START);
	}
}

Test(admission, rates_are_over_the_time_that_passed)
{
	struct tp_admission_limits limits = usual;
	struct tp_admission_class c = { .mode = TP_CLASS_AUTO };

	limits.elapsed_ns = SECOND / 100;
	tick(&limits, &c, 10, 0);
	expect(&c, false, TP_WHY_START);
	tick(&limits, &c, 11, 11);
	expect(&c, true, TP_WHY_RATE);
	limits.elapsed_ns = 3600 * SECOND;
	tick(&limits, &c, 36000, 36000);
	expect(&c, true, TP_WHY_RATE);
	tick(&limits, &c, 35999, 35999);
	expect(&c, false, TP_WHY_RATE);
}

/* With the rates the wrong way round a class between them would come and go with every tick. */
Test(admission, a_rate_to_dismiss_above_the_one_to_admit_is_no_other)
{
	struct tp_admission_limits limits = usual;
	struct tp_admission_class c = { .mode = TP_CLASS_AUTO };

	limits.admit_per_s = 10;
	limits.dismiss_per_s = 1000;
	for (int i = 0; i < 4; i++) {
		tick(&limits, &c, 500, 500);
		expect(&c, true, TP_WHY_RATE);
	}
	tick(&limits, &c, 9, 9);
	expect(&c, false, TP_WHY_RATE);
}

Test(admission, a_rate_of_0_admits_at_the_first_request_and_dismisses_nobody)
{
	struct tp_admission_limits limits = usual;
	struct tp_admission_class c = { .mode = TP_CLASS_AUTO };

	limits.admit_per_s = 0;
	tick(&limits, &c, 0, 0);
	expect(&c, false, TP_WHY_START);
	tick(&limits, &c, 1, 0);
	expect(&c, true, TP_WHY_RATE);
	tick(&limits, &c, 0, 0);
	expect(&c, true, TP_WHY_RATE);
	limits.admit_per_s = 1000;
	limits.dismiss_per_s = 0;
	tick(&limits, &c, 0, 0);
	expect(&c, true, TP_WHY_RATE);
}

Test(admission, always_and_never_hold_whatever_is_asked_for)
{
	struct tp_admission_class always = { .mode = TP_CLASS_ALWAYS }, never = { .mode = TP_CLASS_NEVER };

	tick(&usual, &always, 0, 0);
	expect(&always, true, TP_WHY_ALWAYS);
	never.admitted = true;
	tick(&usual, &never, 1000000, 1000000);
	expect(&never, false, TP_WHY_NEVER);
	/* Kept for good, and still not held against it. */
	always.live = 1000000;
	tick(&usual, &always, 10000, 0);
	expect(&always, true, TP_WHY_ALWAYS);
}

Test(admission, what_is_kept_for_long_gets_no_pool)
{
	struct tp_admission_class c = { .mode = TP_CLASS_AUTO, .live = 20001 };
	const struct tp_class row = { .capacity = 500, .refill_count = 32 };

	/* 10000 a second with 20000 out: each stays for two seconds. */
	tick(&usual, &c, 10000, 0);
	expect(&c, true, TP_WHY_LIFETIME);
	cr_assert_eq(tp_admission_capacity(&row, c.why), 32);
	c.live = 20000;
	tick(&usual, &c, 10000, 0);
	expect(&c, true, TP_WHY_RATE);
	cr_assert_eq(tp_admission_capacity(&row, c.why), 500);
}

Test(admission, what_comes_back_is_pooled_however_long_it_was_out)
{
	struct tp_admission_class c = { .mode = TP_CLASS_AUTO, .live = 1000000 };

	/* A sixteenth of them comes back: not hardly any. */
	tick(&usual, &c, 16000, 999);
	expect(&c, true, TP_WHY_LIFETIME);
	tick(&usual, &c, 16000, 1000);
	expect(&c, true, TP_WHY_RATE);
}

Test(admission, a_refill_is_no_more_than_the_capacity)
{
	const struct tp_class row = { .capacity = 4, .refill_count = 32 };

	for (enum tp_why why = 0; why < TP_WHY_COUNT; why++)
		cr_assert_eq(tp_admission_capacity(&row, why), 4, "%s", tp_admission_why_name(why));
}

Test(admission, a_class_seen_often_does_not_wait)
{
	cr_assert_not(tp_admission_is_early(15, 1, 1000));
	cr_assert(tp_admission_is_early(16, 1, 1000));
	/* 16 in 16 ms are 1000 a second, no more. */
	cr_assert(tp_admission_is_early(16, SECOND * 16 / 1000 - 1, 1000));
	cr_assert_not(tp_admission_is_early(16, SECOND * 16 / 1000, 1000));
	cr_assert_not(tp_admission_is_early(16, UINT64_MAX, 1));
	cr_assert(tp_admission_is_early(UINT64_MAX, UINT64_MAX, 1));
	cr_assert(tp_admission_is_early(1, UINT64_MAX, 0));
	cr_assert(tp_admission_is_early(16, 1, 1000000000));
	cr_assert(tp_admission_is_early(16, 0, 1000));
}

/* Three classes that want 600 KiB each of a MiB, asked for ever less often. */
static void fill_three(struct tp_admission_class classes[3])
{
	for (unsigned i = 0; i < 3; i++)
		classes[i] = (struct tp_admission_class){
			.mode = TP_CLASS_AUTO,
			.admitted = true,
			.why = TP_WHY_RATE,
			.gets = 100000 >> i,
			.puts = 100000 >> i,
			.reserved_bytes = 300 << 10,
			.denied_bytes = 300 << 10,
		};
}

Test(admission, the_rarest_gives_way_first)
{
	struct tp_admission_class classes[3];

	fill_three(classes);
	tp_admission_decide(&usual, classes, 3);
	expect(&classes[0], true, TP_WHY_RATE);
	expect(&classes[1], false, TP_WHY_BUDGET);
	expect(&classes[2], false, TP_WHY_BUDGET);

	struct tp_admission_limits more = usual;

	more.max_bytes = 1200 << 10;
	fill_three(classes);
	tp_admission_decide(&more, classes, 3);
	expect(&classes[1], true, TP_WHY_RATE);
	expect(&classes[2], false, TP_WHY_BUDGET);
}

Test(admission, nobody_gives_way_where_nobody_was_refused)
{
	struct tp_admission_class classes[3];

	fill_three(classes);
	for (unsigned i = 0; i < 3; i++) {
		classes[i].reserved_bytes = 600 << 10;
		classes[i].denied_bytes = 0;
	}
	tp_admission_decide(&usual, classes, 3);
	for (unsigned i = 0; i < 3; i++)
		expect(&classes[i], true, TP_WHY_RATE);
}

Test(admission, always_does_not_give_way)
{
	struct tp_admission_class classes[3];

	fill_three(classes);
	classes[2].mode = TP_CLASS_ALWAYS;
	tp_admission_decide(&usual, classes, 3);
	expect(&classes[0], false, TP_WHY_BUDGET);
	expect(&classes[1], false, TP_WHY_BUDGET);
	expect(&classes[2], true, TP_WHY_ALWAYS);
}

Test(admission, the_last_one_stays_whatever_it_wants)
{
	struct tp_admission_class c = { .mode = TP_CLASS_AUTO, .reserved_bytes = 1 << 20, .denied_bytes = 1 << 30 };
	struct tp_admission_limits none = usual;

	none.max_bytes = 0;
	tick(&none, &c, 1000000, 1000000);
	expect(&c, true, TP_WHY_RATE);
}

/* It stands back while what it wanted, halved with each tick, does not fit. */
Test(admission, who_gave_way_comes_back_when_there_is_room)
{
	struct tp_admission_class classes[2];
	int ticks_out = 0;

	for (unsigned i = 0; i < 2; i++)
		classes[i] = (struct tp_admission_class){
			.mode = TP_CLASS_AUTO, .gets = 100000 >> i, .reserved_bytes = 512 << 10, .denied_bytes = i
		};
	classes[0].puts = classes[1].puts = 10000;
	tp_admission_decide(&usual, classes, 2);
	expect(&classes[1], false, TP_WHY_BUDGET);
	/* The other one takes a little less than all from now on, and is refused nothing. */
	classes[0].reserved_bytes = (1 << 20) - (100 << 10);
	classes[1].reserved_bytes = classes[1].denied_bytes = 0;
	while (!classes[1].admitted && ticks_out < 10) {
		tp_admission_decide(&usual, classes, 2);
		ticks_out++;
	}
	/* 512 KiB, 256, 128, 64: the third tick finds it at 64. */
	cr_assert_eq(ticks_out, 3, "%d ticks", ticks_out);
	expect(&classes[1], true, TP_WHY_RATE);
	expect(&classes[0], true, TP_WHY_RATE);
}

Test(admission, who_gave_way_and_is_not_asked_for_stays_out)
{
	struct tp_admission_class c = { .mode = TP_CLASS_AUTO, .why = TP_WHY_BUDGET };

	tick(&usual, &c, 1000, 1000);
	expect(&c, false, TP_WHY_BUDGET);
	tick(&usual, &c, 1001, 1001);
	expect(&c, true, TP_WHY_RATE);
}

Test(admission, what_is_wanted_rises_at_once_and_falls_by_halves)
{
	struct tp_admission_class c = {
		.mode = TP_CLASS_AUTO, .gets = 2000, .puts = 2000, .reserved_bytes = 600, .denied_bytes = 400
	};
	static const uint64_t falling[] = { 500, 250, 200, 200 };

	tp_admission_decide(&usual, &c, 1);
	cr_assert_eq(c.wanted_bytes, 1000);
	c.reserved_bytes = 200;
	c.denied_bytes = 0;
	for (unsigned i = 0; i < 4; i++) {
		tp_admission_decide(&usual, &c, 1);
		cr_assert_eq(c.wanted_bytes, falling[i], "%zu bytes", (size_t)c.wanted_bytes);
	}
}

Test(admission, the_same_numbers_decide_the_same)
{
	struct tp_admission_class first[TP_CLASS_LIMIT], second[TP_CLASS_LIMIT];
	uint32_t random = 1;

	for (int round = 0; round < 1000; round++) {
		struct tp_admission_limits limits = usual;

		memset(first, 0, sizeof first);
		for (unsigned i = 0; i < TP_CLASS_LIMIT; i++) {
			random = random * 1664525 + 1013904223;
			first[i].gets = random >> 16;
			first[i].puts = random >> 18;
			first[i].live = random >> 8;
			first[i].reserved_bytes = random >> 14;
			first[i].denied_bytes = random & 7 ? 0 : random >> 12;
			first[i].admitted = random >> 30 & 1;
			first[i].mode = random >> 8 & 15 ? TP_CLASS_AUTO : TP_CLASS_ALWAYS;
		}
		limits.max_bytes = random >> 8;
		memcpy(second, first, sizeof first);
		tp_admission_decide(&limits, first, TP_CLASS_LIMIT);
		tp_admission_decide(&limits, second, TP_CLASS_LIMIT);
		cr_assert_eq(memcmp(first, second, sizeof first), 0, "round %d", round);

		/* Whoever gave way was asked for no more than anybody who stays and could have. */
		uint64_t most_out = 0, least_in = UINT64_MAX;
		for (unsigned i = 0; i < TP_CLASS_LIMIT; i++) {
			if (first[i].why == TP_WHY_BUDGET && first[i].gets > most_out)
				most_out = first[i].gets;
			if (first[i].admitted && first[i].mode == TP_CLASS_AUTO && first[i].wanted_bytes > 0 &&
			    first[i].gets < least_in)
				least_in = first[i].gets;
		}
		cr_assert_leq(most_out, least_in, "round %d", round);
	}
}

Test(admission, extremes_are_no_accidents)
{
	struct tp_admission_limits limits = usual;
	struct tp_admission_class c = { .mode = TP_CLASS_AUTO, .live = UINT64_MAX >> 8 };

	limits.elapsed_ns = 1;
	tick(&limits, &c, 1, 1);
	expect(&c, true, TP_WHY_RATE);
	tick(&limits, &c, UINT64_MAX >> 8, UINT64_MAX >> 8);
	expect(&c, true, TP_WHY_RATE);
	limits.elapsed_ns = UINT64_MAX;
	tick(&limits, &c, 1000, 0);
	expect(&c, false, TP_WHY_RATE);
	limits.tick_ns = 0;
	limits.admit_per_s = limits.dismiss_per_s = 1000000000;
	limits.elapsed_ns = SECOND;
	tick(&limits, &c, 1000000001, 1);
	expect(&c, true, TP_WHY_LIFETIME);
	limits.max_bytes = UINT64_MAX;
	c.denied_bytes = UINT64_MAX >> 8;
	tick(&limits, &c, 1000000001, 1000000001);
	expect(&c, true, TP_WHY_RATE);
	tp_admission_decide(&limits, NULL, 0);
}

Test(admission, every_reason_has_its_word)
{
	static const char *const words[] = { "start", "rate", "lifetime", "budget", "always", "never" };

	cr_assert_eq(sizeof words / sizeof *words, TP_WHY_COUNT);
	for (enum tp_why why = 0; why < TP_WHY_COUNT; why++)
		cr_assert_str_eq(tp_admission_why_name(why), words[why]);
}
