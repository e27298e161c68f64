/* Slabs: several threads at once, and the locks around a fork. A hang is a failure: there is a time limit. */
#include <criterion/criterion.h>

#include "tests/unit/support/slabs.h"
#include "tests/unit/support/threads.h"

TestSuite(slab_threads, .timeout = 100);

#define STRESS_THREADS 8
#define STRESS_STEPS 20000
#define STRESS_HELD 400

static const unsigned stress_classes[] = { CLASS_16, CLASS_48, 30, CLASS_MAX };
#define STRESS_CLASSES (sizeof stress_classes / sizeof *stress_classes)
static _Atomic unsigned stress_wrong;
static _Atomic uint64_t stress_news[STRESS_CLASSES], stress_taken[STRESS_CLASSES], stress_given[STRESS_CLASSES];

/* An object's owner writes this at both its ends. */
static uint64_t *last_word(unsigned class_index, void *object)
{
	return (uint64_t *)((char *)object + class_at(class_index)->object_bytes) - 1;
}

static void stamp(unsigned class_index, void *object, uint64_t word)
{
	*(uint64_t *)object = word;
	*last_word(class_index, object) = word;
}

static void check_owner(unsigned class_index, void *object, uint64_t word)
{
	if (*(uint64_t *)object != word || *last_word(class_index, object) != word)
		stress_wrong++;
	stamp(class_index, object, 0); /* a second owner misses its word */
}

/* Take a few or give a few of one class, at random, checking the owner's word. */
static void take_and_give(unsigned number)
{
	void *held[STRESS_CLASSES][STRESS_HELD];
	size_t held_count[STRESS_CLASSES] = { 0 };
	uint32_t random = number * 2654435761U + 1;
	uint64_t word = number + 1;

	for (int step = 0; step < STRESS_STEPS; step++) {
		random = random * 1664525 + 1013904223;
		unsigned which = random >> 30;
		unsigned class_index = stress_classes[which];
		/* Few of the largest class, so that the threads do not fill the memory. */
		size_t most = class_index == CLASS_MAX ? 12 : STRESS_HELD;
		size_t count = (random >> 8) % (most / 4) + 1;
		void **objects = held[which];

		if (held_count[which] + count <= most && (random >> 20 & 1)) {
			size_t taken = tp_slab_take(
			    class_index, TP_PAGEMAP_NO_OWNER, objects + held_count[which], count, TP_SLAB_GET);

			stress_wrong += taken == 0;
			for (size_t i = 0; i < taken; i++)
				stamp(class_index, objects[held_count[which] + i], word);
			held_count[which] += taken;
			stress_taken[which] += taken;
			stress_news[which]++;
		} else if (held_count[which] >= count) {
			held_count[which] -= count;
			for (size_t i = 0; i < count; i++)
				check_owner(class_index, objects[held_count[which] + i], word);
			tp_slab_give(class_index, objects + held_count[which], count,
			    random & 1 << 28 ? TP_SLAB_FLUSH : TP_SLAB_DROP);
			stress_given[which] += count;
		}
	}
	for (unsigned which = 0; which < STRESS_CLASSES; which++) {
		for (size_t i = 0; i < held_count[which]; i++)
			check_owner(stress_classes[which], held[which][i], word);
		tp_slab_give(stress_classes[which], held[which], held_count[which], TP_SLAB_FLUSH);
		stress_given[which] += held_count[which];
	}
}

Test(slab_threads, objects_of_several_threads_have_one_owner_each_and_the_counts_add_up, .init = slabs_start)
{
	threads_run(STRESS_THREADS, take_and_give);
	cr_assert_eq(stress_wrong, 0);
	for (unsigned which = 0; which < STRESS_CLASSES; which++) {
		const struct tp_class *c = class_at(stress_classes[which]);
		struct tp_slab_counts counts = counts_of(stress_classes[which]);

		cr_assert_gt(stress_taken[which], STRESS_STEPS / 100);
		cr_assert_eq(stress_given[which], stress_taken[which]);
		cr_assert_eq(counts.from_slab, stress_news[which]);
		cr_assert_eq(counts.from_slab + counts.refilled, stress_taken[which]);
		cr_assert_eq(counts.flushed + counts.spilled, stress_given[which]);
		/*
		 * All is given back. One empty slab stays, or more if several threads found none at the same moment
		 * and each added one; nobody wants them, so they go, and every slab that came has gone.
		 */
		cr_assert(counts.live_bytes >= c->slab_bytes && counts.live_bytes <= STRESS_THREADS * c->slab_bytes);
		while (tp_slab_release_unused(stress_classes[which]))
			;
		counts = counts_of(stress_classes[which]);
		cr_assert_eq(counts.live_bytes, 0);
		cr_assert_eq(counts.backend_bytes / c->slab_bytes * 2, counts.backend_calls);
	}
}

static void take_and_give_one(unsigned number)
{
	void *object;

	if (tp_slab_take(number, TP_PAGEMAP_NO_OWNER, &object, 1, TP_SLAB_GET) != 1)
		stress_wrong++;
	else
		tp_slab_give(number, &object, 1, TP_SLAB_DROP);
}

Test(slab_threads, locking_all_stops_every_class_until_unlocked, .init = slabs_start)
{
	static const unsigned some[] = { 1, 33, CLASS_MAX };
	struct thread threads[3];

	tp_slab_each_lock(tp_lock_acquire);
	for (unsigned i = 0; i < 3; i++) {
		thread_start(&threads[i], take_and_give_one, some[i]);
		cr_assert(thread_falls_asleep(&threads[i]), "class %u", some[i]);
	}
	tp_slab_each_lock(tp_lock_release);
	for (unsigned i = 0; i < 3; i++)
		thread_join(&threads[i]);
	cr_assert_eq(stress_wrong, 0);
	for (unsigned i = 0; i < 3; i++)
		cr_assert_eq(counts_of(some[i]).spilled, 1);
}

Test(slab_threads, resetting_locks_frees_every_class, .init = slabs_start)
{
	tp_slab_each_lock(tp_lock_acquire);
	tp_slab_each_lock(tp_lock_reset);
	for (unsigned class_index = 1; class_index < tp_classes.count; class_index++)
		give_one(class_index, take_one(class_index));
}
