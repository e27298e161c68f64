/* Sampled objects: found until removed, whatever was removed around them, and bounded. */
#include "shim/profile/live_samples.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#define OBJECTS 200000U

static void start(void)
{
	cr_assert(tp_live_samples_start());
}

TestSuite(sampled, .init = start);

static uintptr_t address_of(uintptr_t i)
{
	return 0x7f0000000000 + 16 * i;
}

static bool add(uintptr_t i)
{
	struct tp_live_sample object = { .address = address_of(i), .bytes = i, .site = (uint32_t)i % 7, .process = 1 };

	return tp_live_samples_add(&object);
}

static bool has(const void *address)
{
	struct tp_live_sample object;

	if (!tp_live_samples_remove(address, &object))
		return false;
	cr_assert(tp_live_samples_add(&object));
	return true;
}

Test(sampled, an_object_is_told_once_and_as_it_was)
{
	struct tp_live_sample object;

	cr_assert(add(5));
	cr_assert(has((void *)address_of(5)));
	cr_assert_not(has((void *)address_of(6)));
	cr_assert_not(tp_live_samples_remove((void *)address_of(6), &object));
	cr_assert(tp_live_samples_remove((void *)address_of(5), &object));
	cr_assert_eq(object.bytes, 5);
	cr_assert_eq(object.site, 5);
	cr_assert_eq(object.process, 1);
	cr_assert_not(tp_live_samples_remove((void *)address_of(5), &object));
}

/* Linear probing with moves: every removal may lose a neighbour. */
Test(sampled, removing_some_leaves_the_others_to_be_found)
{
	static bool is_in[OBJECTS];
	struct tp_live_sample object;
	unsigned seed = 1;

	for (int step = 0; step < 3000000; step++) {
		uintptr_t i = (uintptr_t)rand_r(&seed) % OBJECTS;

		if (is_in[i])
			cr_assert(tp_live_samples_remove((void *)address_of(i), &object) && object.bytes == i);
		else
			cr_assert(add(i));
		is_in[i] = !is_in[i];
	}
	for (uintptr_t i = 0; i < OBJECTS; i++)
		cr_assert_eq(has((void *)address_of(i)), is_in[i]);
}

Test(sampled, a_full_table_refuses_and_keeps_what_it_has)
{
	uintptr_t taken = 0;

	while (add(taken))
		cr_assert_lt(++taken, 1 << 21);
	cr_assert_gt(taken, 500000);
	for (uintptr_t i = 0; i < taken; i++)
		cr_assert(has((void *)address_of(i)));
}
