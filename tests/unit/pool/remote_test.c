/* Remote objects: where they are sent, and that each is counted once. */
#include "shim/pool/remote.h"

#include <criterion/criterion.h>

#include "shim/heap/pagemap.h"
#include "shim/heap/size_classes.h"
#include "shim/heap/slab.h"
#include "shim/pool/steal.h"
#include "tests/unit/support/caches.h"
#include "tests/unit/support/death.h"

#define CLASS_16 1U
#define CLASS_32 2U
#define REGION_BYTES ((size_t)1 << 30)
#define FAR 7U /* an owner where no CPU is */

static void start(void)
{
	cr_assert_eq(tp_region_reserve(REGION_BYTES, tp_slab_record_bytes()), REGION_BYTES);
	caches_start();
	open_fully(TP_CLASS_REMOTE(CLASS_16));
	open_fully(TP_CLASS_REMOTE(CLASS_32));
}

/* Objects of a class whose owner is @owner, put as remotes. */
static void put(unsigned class_index, unsigned owner, void **objects, size_t count)
{
	cr_assert_eq(tp_slab_take(class_index, owner, objects, count, TP_SLAB_GET), count);
	for (size_t i = 0; i < count; i++)
		cr_assert(tp_stack_push(TP_CLASS_REMOTE(class_index), objects[i]));
}

static void expect_remotes(unsigned class_index, uint64_t puts, uint64_t waiting)
{
	struct tp_remote_counts counts;

	tp_remote_read_counts(class_index, &counts);
	cr_assert_eq(counts.puts, puts, "%zu puts", (size_t)counts.puts);
	cr_assert_eq(counts.waiting[0] + counts.waiting[1], waiting, "%zu wait",
	    (size_t)(counts.waiting[0] + counts.waiting[1]));
}

static void send_owner(void)
{
	tp_remote_send(CLASS_16);
	tp_remote_send(CLASS_32);
}

static uint64_t flushed(unsigned class_index)
{
	struct tp_slab_counts counts;

	tp_slab_read_counts(class_index, &counts);
	return counts.flushed;
}

Test(remote, each_is_counted_while_it_waits_and_after, .init = start)
{
	void *objects[30];

	put(CLASS_16, FAR, objects, 30);
	put(CLASS_32, FAR, objects, 12);
	expect_remotes(CLASS_16, 30, 30);
	expect_remotes(CLASS_32, 12, 12);
	send_owner();
	expect_remotes(CLASS_16, 30, 0);
	expect_remotes(CLASS_32, 12, 0);
	put(CLASS_16, FAR, objects, 1);
	expect_remotes(CLASS_16, 31, 1);
}

Test(remote, their_stack_begins_small_and_is_counted_by_the_budgets, .init = caches_start)
{
	struct tp_remote_counts counts;
	unsigned expected = TP_CLASS_REMOTE_FIRST;

	cr_assert(tp_cpus_ensure() != TP_CPUS_NO_MEMORY);
	for (; tp_stack_grow(TP_CLASS_REMOTE(CLASS_32), TP_CLASS_REMOTE_MAX); expected = 2 * expected + 1) {
		cr_assert_eq(tp_stack_capacity(TP_CLASS_REMOTE(CLASS_32)), expected);
		tp_remote_read_counts(CLASS_32, &counts);
		cr_assert_eq(counts.reserved, expected);
		cr_assert_eq(tp_budget_reserved_bytes(), expected * 32);
	}
	cr_assert_eq(tp_stack_capacity(TP_CLASS_REMOTE(CLASS_32)), TP_CLASS_REMOTE_MAX);
}

Test(remote, a_class_with_few_slots_has_no_more_for_remotes, .init = caches_start)
{
	tp_classes.row[CLASS_32].capacity = 2;
	cr_assert(tp_cpus_ensure() != TP_CPUS_NO_MEMORY);
	cr_assert(tp_stack_grow(TP_CLASS_REMOTE(CLASS_32), TP_CLASS_REMOTE_MAX));
	cr_assert_eq(tp_stack_capacity(TP_CLASS_REMOTE(CLASS_32)), 2);
	cr_assert_not(tp_stack_grow(TP_CLASS_REMOTE(CLASS_32), TP_CLASS_REMOTE_MAX));
}

Test(remote, a_home_that_uses_the_class_gets_them, .init = start)
{
	void *objects[20], *taken[20];
	unsigned own = tp_cpus_current_number();

	open_fully(CLASS_16);
	put(CLASS_16, own, objects, 20);
	send_owner();
	cr_assert_eq(flushed(CLASS_16), 0);
	cr_assert_eq(tp_steal_take(CLASS_16, taken, 20), 20);
	for (size_t i = 0; i < 20; i++)
		cr_assert_eq(taken[i], objects[i]);
}

Test(remote, slabs_get_those_whose_home_does_not, .init = start)
{
	void *objects[20], *taken;

	put(CLASS_16, tp_cpus_current_number(), objects, 20); /* its stack is closed */
	put(CLASS_32, FAR, objects, 20); /* it has no stacks */
	send_owner();
	cr_assert_eq(flushed(CLASS_16), 20);
	cr_assert_eq(flushed(CLASS_32), 20);
	cr_assert_eq(tp_steal_take(CLASS_16, &taken, 1), 0);
}

Test(remote, what_waits_as_a_victim_goes_to_slabs, .init = start)
{
	void *objects[40];
	struct tp_slab_counts counts;
	unsigned old = tp_cpus_primary();

	put(CLASS_16, FAR, objects, 40);
	uint64_t reserved = tp_budget_reserved_bytes();
	cr_assert(tp_cpus_turn());
	tp_steal_open_victims(old);
	cr_assert_lt(tp_budget_reserved_bytes(), reserved);
	expect_remotes(CLASS_16, 40, 40);
	tp_remote_drain(old);
	tp_steal_seal(old);
	expect_remotes(CLASS_16, 40, 0);
	tp_slab_read_counts(CLASS_16, &counts);
	cr_assert_eq(counts.drained, 40);
	cr_assert_eq(tp_budget_reserved_bytes(), 0);
}

Test(remote, sending_none_does_nothing, .init = start)
{
	send_owner();
	expect_remotes(CLASS_16, 0, 0);
	cr_assert_eq(flushed(CLASS_16), 0);
}

static void send_home_in_child(void *none)
{
	(void)none;
	send_owner();
}

Test(remote, one_that_was_freed_before_is_reported, .init = start)
{
	unsigned own = tp_cpus_current_number();
	void *object, *other;

	/* Freed twice, so its slab went, and its place is a slab of another class at the same owner. */
	open_fully(CLASS_16);
	put(CLASS_16, own, &object, 1);
	tp_slab_give(CLASS_16, &object, 1, TP_SLAB_DROP);
	tp_slab_release_unused(CLASS_16);
	tp_slab_release_unused(CLASS_16);
	cr_assert_eq(tp_slab_take(CLASS_32, own, &other, 1, TP_SLAB_GET), 1);
	cr_assert_eq(tp_pagemap_class(object), CLASS_32);
	expect_fatal_free(send_home_in_child, NULL, object, "was freed before");
}
