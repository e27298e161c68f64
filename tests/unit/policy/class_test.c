/* Size classes: the table, aligned requests, the division by an object's size. */
#include "policy/class.h"

#include <criterion/criterion.h>

#define SLAB_ALIGNMENT 65536U /* slabs start at multiples of this */

static struct tp_classes classes;

static void build(void)
{
	/* Class 1 wherever building leaves a gap, so that reading one shows. */
	memset(&classes, 1, sizeof classes);
	tp_class_build(&classes, 65536, TP_ZERO_OFF);
}

TestSuite(class, .init = build);

static unsigned class_of(size_t bytes)
{
	return classes.of_grain[(bytes + 15) >> TP_CLASS_GRAIN_SHIFT];
}

/* The smallest class that holds @bytes at @alignment, by looking at every one. */
static unsigned search(size_t bytes, size_t alignment)
{
	for (unsigned i = 1; i < classes.count; i++)
		if (classes.row[i].object_bytes >= bytes && classes.row[i].object_bytes % alignment == 0)
			return i;
	return 0;
}

Test(class, every_request_gets_the_smallest_class_that_holds_it)
{
	for (size_t bytes = 0; bytes <= 65536U; bytes++) {
		unsigned index = class_of(bytes);

		if (index == 0 || index != search(bytes, 1))
			cr_assert_fail(
			    "%zu bytes get class %u of %u bytes", bytes, index, classes.row[index].object_bytes);
	}
}

Test(class, no_request_over_128_bytes_wastes_more_than_an_eighth)
{
	for (size_t bytes = 129; bytes <= 65536U; bytes++) {
		size_t object_bytes = classes.row[class_of(bytes)].object_bytes;

		if ((object_bytes - bytes) * 8 > object_bytes)
			cr_assert_fail("%zu bytes get an object of %zu", bytes, object_bytes);
	}
}

Test(class, sizes_rise_by_multiples_of_16_from_16_bytes_to_64_kib)
{
	cr_assert_eq(classes.row[1].object_bytes, 16);
	cr_assert_eq(classes.row[classes.count - 1].object_bytes, 65536U);
	for (unsigned i = 2; i < classes.count; i++)
		cr_assert_gt(classes.row[i].object_bytes, classes.row[i - 1].object_bytes);
	for (unsigned i = 1; i < classes.count; i++)
		cr_assert_eq(classes.row[i].object_bytes % 16, 0, "class %u", i);
}

Test(class, class_0_is_empty)
{
	static const struct tp_class empty;

	cr_assert_arr_eq(&classes.row[0], &empty, sizeof empty);
}

Test(class, building_again_changes_nothing)
{
	static struct tp_classes again;

	memset(&again, 0xff, sizeof again);
	tp_class_build(&again, 65536, TP_ZERO_OFF);
	cr_assert_arr_eq(again.of_grain, classes.of_grain, 65536 / 16 + 1);
	for (unsigned i = 0; i < classes.count; i++) {
		cr_assert_eq(again.row[i].object_bytes, classes.row[i].object_bytes);
		cr_assert_eq(again.row[i].reciprocal, classes.row[i].reciprocal);
	}
}

Test(class, slabs_are_64_kib_and_256_kib_above_8_kib)
{
	for (unsigned i = 1; i < classes.count; i++)
		cr_assert_eq(
		    classes.row[i].slab_bytes, classes.row[i].object_bytes > 8192 ? 262144 : 65536, "class %u", i);
}

Test(class, a_slab_holds_as_many_objects_as_fit)
{
	for (unsigned i = 1; i < classes.count; i++) {
		const struct tp_class *c = &classes.row[i];

		cr_assert_leq(c->slab_objects * c->object_bytes, c->slab_bytes, "class %u", i);
		cr_assert_gt((c->slab_objects + 1) * c->object_bytes, c->slab_bytes, "class %u", i);
	}
}

Test(class, a_full_stack_fits_its_slots_and_4_mib)
{
	for (unsigned i = 1; i < classes.count; i++) {
		const struct tp_class *c = &classes.row[i];

		cr_assert_geq(c->capacity, 64, "class %u", i);
		cr_assert_leq(c->capacity, TP_CLASS_CAPACITY_MAX, "class %u", i);
		cr_assert_leq(c->capacity * c->object_bytes, 4U << 20, "class %u", i);
	}
}

Test(class, an_overflow_holds_up_to_2_mib_or_what_a_policy_says_of_stacks)
{
	for (unsigned i = 1; i < classes.count; i++) {
		struct tp_class *c = &classes.row[i];
		uint32_t fits = (2U << 20) / c->object_bytes;

		cr_assert_eq(c->overflow_capacity,
		    fits < 64                      ? 64
		    : fits > TP_CLASS_OVERFLOW_MAX ? TP_CLASS_OVERFLOW_MAX
						   : fits,
		    "class %u", i);
		c->capacity = (uint16_t)(1 + i);
		c->capped = true;
	}
	tp_class_index(&classes);
	for (unsigned i = 1; i < classes.count; i++)
		cr_assert_eq(classes.row[i].overflow_capacity, 1 + i, "class %u", i);
}

Test(class, a_refill_and_a_flush_of_half_a_stack_fit_a_batch)
{
	for (unsigned i = 1; i < classes.count; i++) {
		const struct tp_class *c = &classes.row[i];

		cr_assert_geq(c->refill_count, 2, "class %u", i);
		cr_assert_leq(c->refill_count, c->capacity, "class %u", i);
		cr_assert_leq(c->refill_count, TP_CLASS_BATCH_MAX, "class %u", i);
		cr_assert_leq((c->capacity + 1U) / 2, TP_CLASS_BATCH_MAX, "class %u", i);
	}
}

Test(class, aligned_request_gets_the_smallest_class_of_aligned_objects)
{
	for (size_t alignment = 1; alignment <= SLAB_ALIGNMENT; alignment *= 2) {
		for (size_t bytes = 0; bytes <= 65536U; bytes++) {
			unsigned index = tp_class_aligned(&classes, bytes, alignment);

			if (index == 0 || index != search(bytes, alignment))
				cr_assert_fail("%zu bytes at %zu get class %u", bytes, alignment, index);
		}
	}
}

Test(class, aligned_request_has_every_object_of_a_slab_aligned)
{
	for (size_t alignment = 16; alignment <= SLAB_ALIGNMENT; alignment *= 2) {
		const struct tp_class *c = &classes.row[tp_class_aligned(&classes, alignment / 2 + 1, alignment)];

		/* Slabs start at multiples of 64 KiB, so offsets tell. */
		for (uint32_t i = 0; i < c->slab_objects; i++)
			cr_assert_eq(i * c->object_bytes % alignment, 0, "object %u at %zu", i, alignment);
	}
}

Test(class, request_over_the_limits_is_not_pooled)
{
	cr_assert_eq(tp_class_aligned(&classes, 65536U + 1, 1), 0);
	cr_assert_eq(tp_class_aligned(&classes, 65536U + 1, 65536), 0);
	cr_assert_eq(tp_class_aligned(&classes, PTRDIFF_MAX, 16), 0);
	cr_assert_eq(tp_class_aligned(&classes, 16, 131072), 0);
	cr_assert_eq(tp_class_aligned(&classes, 0, (size_t)1 << 63), 0);
}

Test(class, object_index_is_exact_for_every_offset_of_a_slab)
{
	for (unsigned i = 1; i < classes.count; i++) {
		const struct tp_class *c = &classes.row[i];

		for (uint32_t offset = 0; offset < c->slab_bytes; offset++)
			if (tp_class_object_index(c, offset) != offset / c->object_bytes)
				cr_assert_fail("offset %u of class %u is in object %u", offset, i,
				    tp_class_object_index(c, offset));
	}
}

Test(class, object_index_is_exact_at_object_edges_below_2_to_the_24)
{
	for (unsigned i = 1; i < classes.count; i++) {
		const struct tp_class *c = &classes.row[i];

		for (uint32_t edge = c->object_bytes; edge < 1U << 24; edge += c->object_bytes)
			if (tp_class_object_index(c, edge) != edge / c->object_bytes ||
			    tp_class_object_index(c, edge - 1) != edge / c->object_bytes - 1)
				cr_assert_fail("wrong around offset %u of class %u", edge, i);
	}
}

Test(class, stacks_grow_by_more_than_double_up_to_the_limit)
{
	for (unsigned capacity = 1; capacity <= TP_CLASS_CAPACITY_MAX; capacity++) {
		for (unsigned refill = 1; refill <= TP_CLASS_BATCH_MAX; refill += 5) {
			const struct tp_class c = { .capacity = (uint16_t)capacity, .refill_count = (uint16_t)refill };
			unsigned limit = 1 + (capacity + refill) % TP_CLASS_CAPACITY_MAX;
			unsigned last = limit < capacity ? limit : capacity;
			unsigned slots = tp_class_next_capacity(&c, 0, limit);

			cr_assert(slots >= refill || slots == last, "%u slots for a refill of %u", slots, refill);
			for (unsigned next; (next = tp_class_next_capacity(&c, slots, limit)) != slots; slots = next)
				cr_assert_gt(next, 2 * slots, "%u slots to %u", slots, next);
			cr_assert_eq(slots, last, "up to %u slots of %u", slots, last);
		}
	}
}

Test(class, a_stack_with_more_slots_than_its_limit_stays)
{
	const struct tp_class c = { .capacity = 511, .refill_count = 1 };

	cr_assert_eq(tp_class_next_capacity(&c, 0, 0), 0);
	cr_assert_eq(tp_class_next_capacity(&c, 5, 0), 5);
	cr_assert_eq(tp_class_next_capacity(&c, 5, 5), 5);
	cr_assert_eq(tp_class_next_capacity(&c, 300, 100), 300);
	cr_assert_eq(tp_class_next_capacity(&c, 511, 511), 511);
	/* Not a step of its own, as a budget may leave it: no room to double. */
	cr_assert_eq(tp_class_next_capacity(&c, 256, 511), 256);
	cr_assert_eq(tp_class_next_capacity(&c, 254, 511), 511);
}

/* What is owned is what lies in one line with its neighbour, and has a number for a stack of remotes. */
static void expect_homed_by_size(void)
{
	tp_class_index(&classes);
	for (unsigned i = 1; i < classes.count; i++) {
		uint32_t bytes = classes.row[i].object_bytes;

		cr_assert_eq(classes.row[i].owned, bytes < 512 && bytes % 64 != 0, "%u bytes", bytes);
		if (!classes.row[i].owned)
			continue;
		cr_assert_geq(TP_CLASS_REMOTE(i), TP_CLASS_STACK_MIN);
		cr_assert_lt(TP_CLASS_REMOTE(i), 0);
		cr_assert_eq(tp_class_of_stack(TP_CLASS_REMOTE(i)), i);
	}
}

Test(class, homed_is_what_shares_lines_with_its_neighbours)
{
	expect_homed_by_size();
	for (uint32_t bytes = 16; bytes <= 1024; bytes += 16)
		cr_assert_neq(tp_class_add(&classes, bytes), 0);
	expect_homed_by_size();
}

Test(class, nothing_is_homed_that_no_fast_path_puts)
{
	unsigned never = class_of(16), cleared = class_of(48);

	classes.row[never].mode = TP_CLASS_NEVER;
	classes.row[cleared].zero = TP_ZERO_PUT;
	tp_class_index(&classes);
	cr_assert_not(classes.row[never].owned);
	cr_assert_not(classes.row[cleared].owned);
	classes.slow = true;
	tp_class_index(&classes);
	for (unsigned i = 1; i < classes.count; i++)
		cr_assert_not(classes.row[i].owned);
}

Test(class, barring_changes_the_number_and_not_the_class)
{
	struct tp_classes before = classes;

	tp_class_slow_gets(&classes);
	for (size_t bytes = 0; bytes <= classes.max_bytes; bytes += 16) {
		cr_assert_eq(
		    class_of(bytes), before.of_grain[(bytes + 15) >> TP_CLASS_GRAIN_SHIFT] | TP_CLASS_SLOW_GET);
		cr_assert_eq(tp_class_aligned(&classes, bytes, 64), tp_class_aligned(&before, bytes, 64));
	}
}
