/* Sampled objects: found until removed, whatever was removed around them, and bounded. */
#include "shim/profile/live_samples.h"

#include <criterion/criterion.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "tests/unit/support/threads.h"

#define OBJECTS 200000U

static struct tp_live_samples table;
static _Atomic unsigned wrong;

static void start(void)
{
	cr_assert(tp_live_samples_start(&table, 17));
}

TestSuite(live_samples, .init = start);

static uintptr_t address_of(uintptr_t i)
{
	return 0x7f0000000000 + 16 * i;
}

static bool add(uintptr_t i)
{
	struct tp_live_sample object = { .bytes = i, .group = (uint32_t)i % 7, .process = 1 };

	return tp_live_samples_add(&table, (void *)address_of(i), &object);
}

static bool has(const void *address)
{
	struct tp_live_sample object;

	if (!tp_live_samples_remove(&table, address, &object))
		return false;
	cr_assert(tp_live_samples_add(&table, address, &object));
	return true;
}

Test(live_samples, an_object_is_told_once_and_as_it_was)
{
	struct tp_live_sample object;

	cr_assert(add(5));
	cr_assert(has((void *)address_of(5)));
	cr_assert_not(has((void *)address_of(6)));
	cr_assert_not(tp_live_samples_remove(&table, (void *)address_of(6), &object));
	cr_assert(tp_live_samples_remove(&table, (void *)address_of(5), &object));
	cr_assert_eq(object.bytes, 5);
	cr_assert_eq(object.group, 5);
	cr_assert_eq(object.process, 1);
	cr_assert_not(tp_live_samples_remove(&table, (void *)address_of(5), &object));
}

Test(live_samples, removing_some_leaves_the_others_to_be_found)
{
	static bool is_in[OBJECTS];
	struct tp_live_sample object;
	unsigned seed = 1;

	for (int step = 0; step < 3000000; step++) {
		uintptr_t i = (uintptr_t)rand_r(&seed) % OBJECTS;

		if (is_in[i])
			cr_assert(tp_live_samples_remove(&table, (void *)address_of(i), &object) && object.bytes == i);
		else
			cr_assert(add(i));
		is_in[i] = !is_in[i];
	}
	for (uintptr_t i = 0; i < OBJECTS; i++)
		cr_assert_eq(has((void *)address_of(i)), is_in[i]);
}

Test(live_samples, a_full_table_refuses_and_keeps_what_it_has)
{
	uintptr_t taken = 0;

	while (add(taken))
		cr_assert_lt(++taken, 1 << 21);
	cr_assert_gt(taken, 500000);
	for (uintptr_t i = 0; i < taken; i++)
		cr_assert(has((void *)address_of(i)));
}

Test(live_samples, an_address_that_comes_again_has_the_newer_object)
{
	struct tp_live_sample object = { .bytes = 100 }, newer = { .bytes = 200 };

	cr_assert(tp_live_samples_add(&table, (void *)address_of(1), &object));
	cr_assert(tp_live_samples_add(&table, (void *)address_of(1), &newer)); /* freed where nobody saw it */
	cr_assert(tp_live_samples_remove(&table, (void *)address_of(1), &object));
	cr_assert_eq(object.bytes, 200);
	cr_assert_not(tp_live_samples_remove(&table, (void *)address_of(1), &object));
	cr_assert_eq(object.bytes, 0);
}

Test(live_samples, a_cleared_table_has_nothing)
{
	struct tp_live_sample object;

	for (uintptr_t i = 0; i < 1000; i++)
		cr_assert(add(i));
	tp_live_samples_clear(&table);
	for (uintptr_t i = 0; i < 1000; i++)
		cr_assert_not(tp_live_samples_remove(&table, (void *)address_of(i), &object));
}

static void add_and_remove(unsigned first)
{
	for (int round = 0; round < 200; round++)
		for (uintptr_t i = first; i < 4000; i += 4) {
			struct tp_live_sample object;

			if (!add(i) || !tp_live_samples_remove(&table, (void *)address_of(i), &object) ||
			    object.bytes != i)
				atomic_fetch_add(&wrong, 1);
		}
}

Test(live_samples, threads_find_their_own_objects)
{
	threads_run(4, add_and_remove);
	cr_assert_eq(wrong, 0);
}
