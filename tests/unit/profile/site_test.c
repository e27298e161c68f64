/* Sites: found again by stack and size, added by many threads at once, and full in the end. */
#include "shim/profile/site.h"

#include <criterion/criterion.h>

#include "tests/unit/support/threads.h"

static void start(void)
{
	cr_assert(tp_site_start());
}

TestSuite(site, .init = start);

Test(site, the_same_stack_and_size_is_the_same_site)
{
	const uintptr_t stack[] = { 1, 2, 3 }, other[] = { 1, 2, 4 };
	int32_t first = tp_site_find(stack, 3, 64);

	cr_assert_eq(tp_site_find(stack, 3, 64), first);
	cr_assert_neq(tp_site_find(stack, 3, 65), first);
	cr_assert_neq(tp_site_find(stack, 2, 64), first);
	cr_assert_neq(tp_site_find(other, 3, 64), first);
	cr_assert_eq(tp_site_count(), 4);
	cr_assert_eq(tp_site_at((uint32_t)first)->frames[2], 3);
}

Test(site, sizes_of_one_site_differ_by_less_than_a_sixteenth)
{
	const uintptr_t stack[] = { 1 };

	for (size_t low = 1, high; low < 1 << 22; low = high) {
		int32_t site = tp_site_find(stack, 1, low);

		cr_assert_eq(tp_site_at((uint32_t)site)->size, low);
		for (high = low + 1; tp_site_find(stack, 1, high) == site;)
			high++;
		if (low < 128)
			cr_assert_eq(high, low + 1);
		cr_assert_leq((high - low) * 16, low + 16);
	}
}

#define STACKS 5000

static void find_all(unsigned thread)
{
	for (uintptr_t i = 0; i < STACKS; i++) {
		/* Half of the threads backwards, so that they meet. */
		uintptr_t stack[] = { thread % 2 ? STACKS - i : i + 1, 7 };
		int32_t site = tp_site_find(stack, 2, 64);

		tp_site_add(&tp_site_at((uint32_t)site)->got[TP_SITE_SLAB], 64);
	}
}

Test(site, threads_that_add_the_same_sites_lose_nothing)
{
	uint64_t objects = 0, used = 0;

	threads_run(4, find_all);
	for (uint32_t i = 0; i < tp_site_count(); i++) {
		uint64_t here = tp_site_at(i)->got[TP_SITE_SLAB].objects;

		cr_assert(here == 0 || here == 4, "site %u has %lu of 4", i, here);
		objects += here;
		used += here > 0;
	}
	cr_assert_eq(objects, 4 * STACKS);
	cr_assert_eq(used, STACKS);
}

Test(site, a_full_table_says_so_and_still_finds)
{
	uintptr_t stack[2] = { 0, 1 };
	int32_t first = tp_site_find(stack, 2, 64), site = 0;

	for (stack[0] = 1; site >= 0 && stack[0] < 1 << 20; stack[0]++)
		site = tp_site_find(stack, 2, 64);
	cr_assert_eq(site, -1);
	stack[0] = 0;
	cr_assert_eq(tp_site_find(stack, 2, 64), first);
}
