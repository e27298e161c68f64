/* The table: which CPUs have caches, turning, dozing, sums; behind locks, as without restartable sections. */
#include "shim/pool/counters.h"
#include "shim/pool/cpus.h"

#include <criterion/criterion.h>

#include "shim/arch/rseq.h"
#include "shim/base/hot.h"
#include "shim/heap/size_classes.h"
#include "tests/unit/support/caches.h"

static void expect_closed(const struct tp_cache *cache)
{
	for (unsigned i = 0; i < TP_CACHE_STACKS; i++)
		cr_assert_eq(cache->headers[i], TP_CACHE_CLOSED, "header %u", i);
	for (unsigned i = 0; i < TP_CLASS_SLOW_GET; i++)
		cr_assert_eq(cache->slow_headers[i], TP_CACHE_CLOSED, "slow header %u", i);
	/* Full: the word at the slot is the end. Empty: the one below it is NULL. */
	cr_assert_eq(((const uint64_t *)cache)[TP_CACHE_CLOSED], TP_STACK_END);
	cr_assert_eq(((const uint64_t *)cache)[TP_CACHE_CLOSED - 1], 0);
}

Test(table, every_class_is_closed_before_start)
{
	cr_assert_eq(tp_hot_primary, tp_hot_before_start);
	expect_closed(tp_hot_primary[0]);
	cr_assert_eq(tp_cpus_in_use(), 0);
	cr_assert_eq(tp_cpus_guard, TP_CPUS_LOCK);
}

Test(table, every_cpu_is_closed_until_its_first_use, .init = caches_start)
{
	const struct tp_cache *closed = tp_hot_primary[cpus[0]];

	for (unsigned i = 0; i < cpu_count; i++)
		expect_closed(tp_hot_primary[cpus[i]]);
	cr_assert_eq(tp_cpus_in_use(), 0);
	for (unsigned class_index = 0; class_index < tp_classes.count; class_index++)
		expect_counts(class_index, 0, 0);
	cr_assert(tp_cpus_ensure());
	cr_assert_neq(tp_hot_primary[cpus[0]], closed);
	cr_assert_eq(tp_cpus_in_use(), 1);
	cr_assert(tp_cpus_ensure());
	cr_assert_eq(tp_cpus_in_use(), 1);
}

Test(table, without_sections_the_lock_guards_it, .init = caches_start)
{
	cr_assert_eq(tp_cpus_guard, TP_CPUS_LOCK);
	cr_assert(tp_cpus_usable());
	cr_assert(tp_cpus_restore_registration());
	tp_cpus_close();
	tp_cpus_open();
	push(5, 0, 1);
	cr_assert_eq(tp_stack_pop(5), token(5, 0));
}

Test(table, counts_are_sums_over_the_cpus, .init = caches_start)
{
	for (unsigned i = 0; i < cpu_count; i++) {
		pin(cpus[i]);
		push(6, 0, i + 3);
		cr_assert_not_null(tp_stack_pop(6));
		cr_assert_eq(tp_cpus_in_use(), i + 1);
	}
	/* 3 + 4 + ... pushes, and one pop each */
	unsigned pushes = cpu_count * 3 + cpu_count * (cpu_count - 1) / 2;
	expect_counts(6, pushes + cpu_count, pushes - cpu_count);
}

Test(table, a_cpu_has_caches_once_it_was_used, .init = caches_start)
{
	cr_assert_gt(tp_cpus_number_count(), (unsigned)cpus[cpu_count - 1]);
	cr_assert_eq(tp_cpus_current_number(), (unsigned)cpus[0]);
	for (unsigned number = 0; number < tp_cpus_number_count(); number++)
		cr_assert_null(tp_cpus_at(number));
	struct tp_cpu *cpu = own_cpu();
	cr_assert_eq(own_cpu(), cpu);
	for (unsigned number = 0; number < tp_cpus_number_count(); number++)
		cr_assert_eq(tp_cpus_at(number), number == (unsigned)cpus[0] ? cpu : NULL);
}

Test(table, both_generations_and_their_overflows_begin_empty_and_sealed, .init = caches_start)
{
	struct tp_cpu *cpu = own_cpu();

	for (unsigned generation = 0; generation < TP_CPUS_GENERATIONS; generation++) {
		struct tp_cache *stacks = cpu->caches[generation];

		cr_assert_eq(stacks->victim, 0);
		/* One that has not begun is all zeroes. */
		cr_assert_eq(tp_cache_header(stacks, 0), tp_cache_has_begun(stacks) ? TP_CACHE_CLOSED : 0);
		for (unsigned i = 1; i < tp_classes.count; i++) {
			cr_assert_eq(tp_cache_depth(stacks, i), 0, "class %u", i);
			cr_assert_eq(tp_overflow_depth(&cpu->overflow[generation], i), 0, "class %u", i);
		}
	}
}

/* A cache that no section has been on takes no memory. */
Test(table, stacks_are_made_when_their_generation_becomes_primary, .init = caches_start)
{
	struct tp_cpu *cpu = own_cpu();

	cr_assert(tp_cache_has_begun(cpu->caches[0]));
	cr_assert_not(tp_cache_has_begun(cpu->caches[1]));
	tp_counters_seal(cpu->caches[1]); /* as a turn does with those of a CPU that came in its middle */
	cr_assert_not(tp_cache_has_begun(cpu->caches[1]));
	struct tp_cache *const *first_table = tp_hot_primary;
	cr_assert(tp_cpus_turn());
	cr_assert(tp_cache_has_begun(cpu->caches[1]));
	cr_assert_eq(tp_hot_primary[cpus[0]], cpu->caches[1]);
	expect_closed(cpu->caches[1]);
	if (cpu_count < 2)
		return;
	/* One that comes now stands in the table of now alone: a section may have read the other one before the turn. */
	pin(cpus[1]);
	cpu = own_cpu();
	cr_assert(tp_cache_has_begun(cpu->caches[1]));
	cr_assert_not(tp_cache_has_begun(cpu->caches[0]));
	cr_assert_eq(tp_hot_primary[cpus[1]], cpu->caches[1]);
	expect_closed(first_table[cpus[1]]);
	cr_assert(tp_cpus_turn());
	cr_assert(tp_cache_has_begun(cpu->caches[0]));
}

Test(table, a_turn_makes_the_other_generation_primary, .init = caches_start)
{
	struct tp_cpu *cpu = own_cpu();

	cr_assert_eq(tp_cpus_primary(), 0);
	cr_assert_eq(tp_hot_primary[cpus[0]], cpu->caches[0]);
	push(5, 0, 3);
	cr_assert(tp_cpus_turn());
	cr_assert_eq(tp_cpus_primary(), 1);
	cr_assert_eq(tp_hot_primary[cpus[0]], cpu->caches[1]);
	cr_assert_null(tp_stack_pop(5));
	push(5, 10, 2);
	cr_assert_eq(tp_cache_depth(cpu->caches[0], 5), 3);
	cr_assert_eq(tp_cache_depth(cpu->caches[1], 5), 2);
	expect_counts(5, 5, 5);
	cr_assert(tp_cpus_turn());
	cr_assert_eq(tp_cpus_primary(), 0);
	cr_assert_eq(tp_stack_pop(5), token(5, 2));
}

Test(table, sealing_closes_what_was_drained_and_keeps_what_it_counted, .init = caches_start)
{
	struct tp_cpu *cpu = own_cpu();
	void *objects[3];

	push(5, 0, 3);
	push(6, 0, 1);
	cr_assert_not_null(tp_stack_pop(6));
	cr_assert(tp_cpus_turn());
	cr_assert_eq(tp_cache_take(cpu->caches[0], 5, objects, 3), 3);
	tp_counters_seal(cpu->caches[0]);
	expect_closed(cpu->caches[0]);
	cr_assert_eq(tp_cache_capacity(cpu->caches[0], 5), 0);
	expect_counts(5, 3, 0);
	expect_counts(6, 2, 0);
	tp_counters_seal(cpu->caches[0]);
	expect_counts(5, 3, 0);
}

Test(table, a_cpu_first_used_after_a_turn_works_on_the_primary_generation, .init = caches_start)
{
	cr_assert(tp_cpus_turn());
	push(5, 0, 1);
	struct tp_cpu *cpu = own_cpu();
	cr_assert_eq(tp_cache_depth(cpu->caches[1], 5), 1);
	cr_assert_eq(tp_cache_depth(cpu->caches[0], 5), 0);
	cr_assert_eq(tp_hot_primary[cpus[0]], cpu->caches[1]);
}

Test(table, it_dozes_only_while_nothing_is_held, .init = caches_start)
{
	struct tp_cpu *cpu = own_cpu();
	void *object = token(5, 0);

	cr_assert(tp_cpus_doze());
	tp_cpus_wake();
	push(5, 0, 1);
	cr_assert_not(tp_cpus_doze());
	cr_assert(tp_cpus_turn());
	cr_assert_not(tp_cpus_doze());
	cr_assert_eq(tp_cache_take(cpu->caches[0], 5, &object, 1), 1);
	cr_assert(tp_cpus_doze());
	tp_cpus_wake();
	cr_assert_eq(tp_overflow_put(&cpu->overflow[0], 5, &object, 1), 1);
	cr_assert_not(tp_cpus_doze());
	cr_assert_eq(tp_hot_primary[cpus[0]], cpu->caches[1]);
}
