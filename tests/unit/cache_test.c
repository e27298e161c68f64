/* A cache that no section works on: a victim. */
#include "shim/cache.h"

#include <criterion/criterion.h>

#include "tests/unit/caches.h"

static struct tp_cpu *own_cpu(void)
{
	open_all();
	struct tp_cpu *cpu = tp_table_cpu(tp_table_current_number());

	cr_assert_not_null(cpu);
	return cpu;
}

Test(cache, put_and_take_move_the_newest_without_counting_operations, .init = caches_start)
{
	struct tp_cache *cache = own_cpu()->stacks[0];
	void *objects[10], *taken[10] = { 0 };

	for (unsigned i = 0; i < 10; i++)
		objects[i] = token(8, i);
	cr_assert_eq(tp_cache_put(cache, 8, objects, 10), 10);
	cr_assert_eq(tp_cache_depth(cache, 8), 10);
	expect_counts(8, 0, 10);
	cr_assert_eq(tp_cache_take(cache, 8, taken, 3), 3);
	for (unsigned i = 0; i < 3; i++)
		cr_assert_eq(taken[i], token(8, 7 + i));
	cr_assert_null(taken[3]);
	cr_assert_eq(tp_cache_take(cache, 8, taken, 10), 7);
	for (unsigned i = 0; i < 7; i++)
		cr_assert_eq(taken[i], token(8, i));
	cr_assert_eq(tp_cache_take(cache, 8, taken, 10), 0);
	cr_assert_eq(tp_cache_put(cache, 8, objects, 0), 0);
	expect_counts(8, 0, 0);
}

Test(cache, put_fits_exactly_the_capacity_of_every_class, .init = caches_start)
{
	struct tp_cache *cache = own_cpu()->stacks[0];
	void *objects[TP_CACHE_STRIDE], *taken[TP_CACHE_STRIDE];

	for (unsigned i = 1; i < tp_classes.count; i++) {
		for (unsigned k = 0; k < TP_CACHE_STRIDE; k++)
			objects[k] = token(i, k);
		cr_assert_eq(
		    tp_cache_put(cache, i, objects, TP_CACHE_STRIDE), tp_classes.row[i].capacity, "class %u", i);
		cr_assert_eq(tp_cache_put(cache, i, objects, 1), 0, "class %u", i);
	}
	for (unsigned i = 1; i < tp_classes.count; i++) {
		cr_assert_eq(
		    tp_cache_take(cache, i, taken, TP_CACHE_STRIDE), tp_classes.row[i].capacity, "class %u", i);
		for (unsigned k = 0; k < tp_classes.row[i].capacity; k++)
			cr_assert_eq(taken[k], token(i, k), "class %u", i);
	}
}
