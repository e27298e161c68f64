/*
 * Stealing: what a CPU takes from overflows and from victims, and how victims are opened, drained and sealed.
 *
 * A batch that a full stack gives up lies in its CPU's overflow. Any CPU may take it, under the overflow's lock; of an
 * owned class only CPUs of the same owner may. Victims are only taken from. Owns the counts of hits, and hints that say
 * whether there is anything to take of a class, so that no thread locks for nothing. Any thread may call, holding no
 * lock of a cache.
 */
#ifndef TP_STEAL_H
#define TP_STEAL_H

#include <stddef.h>
#include <stdint.h>

/* What served a get that the CPU's own stack could not serve: its overflow, another CPU's, or a victim. */
enum tp_steal_source { TP_STEAL_OVERFLOW, TP_STEAL_STOLEN, TP_STEAL_VICTIM, TP_STEAL_SOURCE_COUNT };

/*
 * Put objects on the overflow of the CPU @number, in the primary generation.
 * Returns how many it took, the first ones: less than @count if it or a budget is full.
 */
size_t tp_steal_offer(unsigned number, unsigned class_index, void *const *objects, size_t count);

/*
 * Take up to @count objects from the first place that has any: this CPU's overflow, other CPUs' overflows (by rising
 * number from this one's), this CPU's victims, other CPUs' victims. Of an owned class only places of this CPU's owner
 * count, if it has an owner.
 * A victim gives fewer at once, so that what is no longer needed does not move to the primary generation with each get.
 * Returns how many. If there are any, one get is counted as served by their source.
 */
size_t tp_steal_take(unsigned class_index, void **objects, size_t count);

/* Open the caches of a generation as victims. No section works on it any more: the fence of a turn came before. */
void tp_steal_open_victims(unsigned generation);

/* Take up to @count objects of a stack number from victims and their overflows. Returns how many; 0: none are left. */
size_t tp_steal_drain(unsigned generation, int stack, void **objects, size_t count);

/* End the victims of a generation, which are drained: no thread takes from them any more, and all stacks close. */
void tp_steal_seal(unsigned generation);

/* Read how many gets each source has served, in the order of enum tp_steal_source. */
void tp_steal_read_counts(unsigned class_index, uint64_t counts[TP_STEAL_SOURCE_COUNT]);

#endif
