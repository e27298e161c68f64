/* An overflow: what it holds of each class, and in which order it gives it back. */
#include "shim/overflow.h"

#include <criterion/criterion.h>

#include "tests/unit/caches.h"

#define MORE (TP_CLASS_OVERFLOW_MAX + 1U)

static struct tp_overflow *own_overflow(unsigned generation)
{
	cr_assert(tp_table_ensure());
	return &tp_table_cpu(tp_table_current_number())->overflow[generation];
}

Test(overflow, gives_the_newest_in_the_order_they_came, .init = caches_start)
{
	struct tp_overflow *overflow = own_overflow(0);
	void *objects[10], *taken[10] = { 0 };

	for (unsigned i = 0; i < 10; i++)
		objects[i] = token(8, i);
	cr_assert_eq(tp_overflow_put(overflow, 8, objects, 10), 10);
	cr_assert_eq(tp_overflow_depth(overflow, 8), 10);
	expect_counts(8, 0, 10);
	cr_assert_eq(tp_overflow_take(overflow, 8, taken, 3), 3);
	for (unsigned i = 0; i < 3; i++)
		cr_assert_eq(taken[i], token(8, 7 + i));
	cr_assert_null(taken[3]);
	cr_assert_eq(tp_overflow_take(overflow, 8, taken, 10), 7);
	for (unsigned i = 0; i < 7; i++)
		cr_assert_eq(taken[i], token(8, i));
	cr_assert_eq(tp_overflow_take(overflow, 8, taken, 10), 0);
	cr_assert_eq(tp_overflow_put(overflow, 8, objects, 0), 0);
	expect_counts(8, 0, 0);
}

/* All full at once: a class that took another's slots would be found by its tokens. */
Test(overflow, holds_exactly_its_capacity_of_every_class, .init = caches_start)
{
	struct tp_overflow *overflow = own_overflow(1);
	void *objects[MORE], *taken[MORE];

	for (unsigned i = 1; i < tp_classes.count; i++) {
		for (unsigned k = 0; k < MORE; k++)
			objects[k] = token(i, k);
		cr_assert_eq(
		    tp_overflow_put(overflow, i, objects, MORE), tp_classes.row[i].overflow_capacity, "class %u", i);
		cr_assert_eq(tp_overflow_put(overflow, i, objects, 1), 0, "class %u", i);
	}
	for (unsigned i = 1; i < tp_classes.count; i++) {
		cr_assert_eq(
		    tp_overflow_take(overflow, i, taken, MORE), tp_classes.row[i].overflow_capacity, "class %u", i);
		for (unsigned k = 0; k < tp_classes.row[i].overflow_capacity; k++)
			cr_assert_eq(taken[k], token(i, k), "class %u", i);
	}
}

Test(overflow, of_two_cpus_and_generations_share_nothing, .init = caches_start)
{
	struct tp_overflow *first = own_overflow(0), *second = own_overflow(1);
	void *one = token(5, 1), *other = token(5, 2), *taken;

	cr_assert_eq(tp_overflow_put(first, 5, &one, 1), 1);
	cr_assert_eq(tp_overflow_put(second, 5, &other, 1), 1);
	cr_assert_eq(tp_overflow_take(first, 5, &taken, 1), 1);
	cr_assert_eq(taken, one);
	cr_assert_eq(tp_overflow_take(first, 5, &taken, 1), 0);
	cr_assert_eq(tp_overflow_take(second, 5, &taken, 1), 1);
	cr_assert_eq(taken, other);
	if (cpu_count < 2)
		return;
	cr_assert_eq(tp_overflow_put(first, 5, &one, 1), 1);
	pin(cpus[1]);
	cr_assert_eq(tp_overflow_take(own_overflow(0), 5, &taken, 1), 0);
}
