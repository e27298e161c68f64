/* What a tick does to requests: changes and their log, classes that give way. The rules: admission_test.c. */
#include "shim/tick/admission.h"

#include <criterion/criterion.h>

#include "shim/base/process.h"
#include "shim/heap/slab.h"
#include "shim/pool/budget.h"
#include "shim/tick/turn.h"
#include "tests/unit/support/requests.h"

static void dismiss_all(void)
{
	tp_process.options.admit.number = tp_process.options.dismiss.number = 1000000000;
	tp_turn_try(tp_admission_tick);
	tp_process.options.admit.number = 1000;
	tp_process.options.dismiss.number = 10;
}

Test(admission_tick, changes_are_noted_oldest_first, .init = start)
{
	struct tp_admission_change changes[TP_ADMISSION_CHANGES];
	void *objects[EARLY];

	cr_assert_eq(tp_admission_read_changes(changes), 0);
	admit_at_leisure();
	take(objects, EARLY, BYTES);
	cr_assert_eq(tp_admission_read_changes(changes), 1);
	uint64_t since_ns = state(CLASS).since_ns;
	cr_assert_eq(changes[0].at_ns, since_ns);
	cr_assert_eq(changes[0].object_bytes, BYTES);
	cr_assert(changes[0].admitted);
	cr_assert_eq(changes[0].why, TP_WHY_RATE);
	dismiss_all();
	cr_assert_eq(tp_admission_read_changes(changes), 2);
	cr_assert_not(changes[1].admitted);
	cr_assert_gt(changes[1].at_ns, since_ns);
	cr_assert_eq(state(CLASS).since_ns, changes[1].at_ns);
	dismiss_all();
	cr_assert_eq(tp_admission_read_changes(changes), 2, "what is as before was noted");
}

Test(admission_tick, the_last_changes_are_kept, .init = start)
{
	struct tp_admission_change changes[TP_ADMISSION_CHANGES];
	void *object;

	tp_process.options.admit.number = 0; /* the first request admits */
	for (unsigned i = 0; i < 101; i++) {
		take(&object, 1, BYTES);
		cr_assert(state(CLASS).admitted);
		dismiss_all();
		cr_assert_not(state(CLASS).admitted);
		tp_process.options.admit.number = 0;
	}
	take(&object, 1, 2 * BYTES);
	cr_assert_eq(tp_admission_read_changes(changes), TP_ADMISSION_CHANGES);
	for (unsigned i = 0; i + 1 < TP_ADMISSION_CHANGES; i++) {
		cr_assert_lt(changes[i].at_ns, changes[i + 1].at_ns);
		cr_assert_eq(changes[i].object_bytes, BYTES);
		/* 202 changes of it: the last one before the other class is a dismissal. */
		cr_assert_eq(changes[i].admitted, i % 2 == 1, "change %u", i);
	}
	cr_assert_eq(changes[TP_ADMISSION_CHANGES - 1].object_bytes, 2 * BYTES);
}

/* While threads move objects, one side of a move is counted before the other: counts may fall. */
Test(admission_tick, counts_that_fall_are_no_requests, .init = start)
{
	void *objects[200];

	take(objects, 200, BYTES);
	for (int i = 0; i < 10; i++) {
		give(objects, 100);
		take(objects, 100, BYTES);
	}
	dismiss_all();
	cr_assert_not(state(CLASS).admitted);
	uint64_t gets = stats(CLASS).gets;
	tp_slab_give(CLASS, objects + 100, 64, TP_SLAB_FLUSH); /* nobody's flush */
	cr_assert_lt(stats(CLASS).gets, gets);
	tp_admission_tick();
	cr_assert_not(state(CLASS).admitted, "%s", tp_admission_why_name(state(CLASS).why));
}

Test(admission_tick, the_rarest_gives_its_room_to_those_asked_for_more, .init = start)
{
	void *objects[COUNT], *rare[100];

	tp_process.options.max.number = 24 << 10;
	tp_budget_start(24 << 10, UINT64_MAX);
	take(rare, 100, 2 * BYTES);
	give(rare, 100);
	cr_assert_gt(stats(RARE).held_objects, 0);
	take(objects, COUNT, BYTES);
	give(objects, COUNT);
	cr_assert_leq(stats(CLASS).held_bytes + stats(RARE).held_bytes, 24 << 10);
	cr_assert_gt(stats(CLASS).spilled, COUNT / 2);
	tp_turn_try(tp_admission_tick);
	cr_assert(state(CLASS).admitted);
	cr_assert_not(state(RARE).admitted);
	cr_assert_eq(state(RARE).why, TP_WHY_BUDGET);
	/* It waits for the tick, however often it is asked for meanwhile. */
	take(rare, 100, 2 * BYTES);
	cr_assert_not(state(RARE).admitted);
	cr_assert_eq(tp_stack_capacity(RARE), 0);
}

/* Of one CPU: the rarest gives way to it as well. */
Test(admission_tick, the_budget_of_a_cpu_makes_room_too, .init = start)
{
	void *objects[COUNT], *rare[100];

	tp_process.options.max_cpu.number = 24 << 10;
	tp_budget_start(UINT64_MAX, 24 << 10);
	take(rare, 100, 2 * BYTES);
	give(rare, 100);
	take(objects, COUNT, BYTES);
	give(objects, COUNT);
	tp_admission_tick();
	cr_assert(state(CLASS).admitted);
	cr_assert_eq(state(RARE).why, TP_WHY_BUDGET);
}

/* Asked for and refused ten thousand times, the room is still no more than a class can have. */
Test(admission_tick, room_refused_again_and_again_is_wanted_once, .init = start)
{
	void *objects[COUNT], *rare[EARLY];
	unsigned number = tp_cpus_current_number();

	tp_process.options.max.number = 1 << 20;
	tp_budget_start(1 << 20, UINT64_MAX);
	admit_at_leisure();
	take(rare, EARLY, 2 * BYTES);
	give(rare, EARLY);
	size_t all = tp_budget_reserve(tp_cpus_at(number), 1, 1, 1 << 20);
	for (int i = 0; i < 20; i++) {
		take(objects, COUNT, BYTES);
		give(objects, COUNT);
	}
	cr_assert_gt(tp_budget_denied_bytes(CLASS), 4 << 20);
	tp_budget_release(tp_cpus_at(number), 1, all);
	tp_admission_tick();
	cr_assert(state(CLASS).admitted);
	cr_assert(state(RARE).admitted, "%s", tp_admission_why_name(state(RARE).why));
}
