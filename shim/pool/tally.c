/* Sums over all caches. See tally.h. */
#include "shim/pool/tally.h"

#include <stdatomic.h>

static _Atomic uint64_t folded_operations[TP_CACHE_STACKS]; /* from the lowest stack on */

static void fold(int stack, uint64_t operations)
{
	atomic_fetch_add_explicit(&folded_operations[tp_class_stack_index(stack)], operations, memory_order_relaxed);
}

void tp_tally_seal(struct tp_cache *cache)
{
	tp_cache_close(cache, fold);
}

void tp_tally_read(int stack, struct tp_tally *counts)
{
	unsigned now = tp_table_primary();

	*counts = (struct tp_tally){
		.operations =
		    atomic_load_explicit(&folded_operations[tp_class_stack_index(stack)], memory_order_relaxed),
	};
	for (unsigned i = 0; i < tp_table_number_count(); i++) {
		struct tp_cpu *cpu = tp_table_cpu(i);

		if (!cpu)
			continue;
		for (unsigned generation = 0; generation < TP_TABLE_GENERATIONS; generation++) {
			counts->operations += tp_cache_header(cpu->stacks[generation], stack) >> 16;
			size_t stacked = tp_cache_depth(cpu->stacks[generation], stack);
			size_t more = tp_table_overflown(cpu, generation, stack);

			counts->depth[generation] += stacked + more;
			counts->reserved += more + (generation != now ? stacked : 0);
		}
		size_t capacity = tp_cache_capacity(cpu->stacks[now], stack);
		counts->capacity += capacity;
		counts->reserved += capacity;
	}
}
