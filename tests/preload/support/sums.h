/*
 * Sums: what the statistics of one class, or of all, must add up to when nothing runs beside.
 */
#ifndef TEST_SUMS_H
#define TEST_SUMS_H

#include "dump.h"

static inline void expect_sums(const char *row, const char *name)
{
	const char *hits = dump_find(row, "hits");

	EXPECT(hits, "%s has no hits", name);
	long long hit = dump_number(hits, "local") + dump_number(hits, "overflow") + dump_number(hits, "stolen") +
			dump_number(hits, "victim");
	long long gets = dump_number(row, "gets"), from_slab = dump_number(row, "from_slab");
	long long unpooled = dump_number(row, "unpooled");
	EXPECT(gets == hit + from_slab + unpooled, "%s: %lld gets are not %lld hits + %lld from_slab + %lld unpooled",
	    name, gets, hit, from_slab, unpooled);
	long long held = dump_number(row, "inherited") + dump_number(row, "puts") - dump_number(row, "spilled") - hit +
			 dump_number(row, "refilled") - dump_number(row, "drained");
	EXPECT(dump_number(row, "held_objects") == held, "%s: %lld objects are held, the sum is %lld: %.500s", name,
	    dump_number(row, "held_objects"), held, row);
}

/* Of the last dump. Returns how many objects were drained, of all classes. */
static inline long long expect_all_sums(void)
{
	char name[64];
	long long drained = 0;

	expect_sums(dump_section("totals"), "totals");
	for (const char *row = dump_section("classes"); (row = dump_next_class(row));) {
		snprintf(name, sizeof name, "class %ld", strtol(row, NULL, 10));
		expect_sums(row, name);
		drained += dump_number(row, "drained");
	}
	return drained;
}

#endif
