/* An overflow: what it holds of each class, and in which order it gives it back. */
#include "shim/heap/size_classes.h"
#include "shim/pool/overflow.h"

#include <criterion/criterion.h>

#include "tests/unit/support/caches.h"

static unsigned generation; /* whose overflow takes the batches */

static struct tp_overflow *own_overflow(unsigned which)
{
	return &own_cpu()->overflow[which];
}

static size_t put(unsigned class_index, void *const *objects, size_t count)
{
	return tp_overflow_put(own_overflow(generation), class_index, objects, count);
}

static size_t take(unsigned class_index, void **objects, size_t count)
{
	return tp_overflow_take(own_overflow(generation), class_index, objects, count);
}

static size_t depth(unsigned class_index)
{
	return tp_overflow_depth(own_overflow(generation), class_index);
}

static const struct batches batches = { put, take, depth };

static unsigned capacity_of(unsigned class_index)
{
	return tp_classes.row[class_index].overflow_capacity;
}

Test(overflow, gives_the_newest_in_the_order_they_came, .init = caches_start)
{
	expect_newest_first(&batches);
}

Test(overflow, holds_exactly_its_capacity_of_every_class, .init = caches_start)
{
	generation = 1;
	expect_capacities(&batches, capacity_of);
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
