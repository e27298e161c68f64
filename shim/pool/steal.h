/*
 * Sharing: what CPUs give to each other, and what the victim generation gives back.
 *
 * A batch that a full stack gives up lies in its CPU's overflow, open to every CPU, or
 * of a owned class to those with its owner, under a short lock; victims are only taken from. Hints say whether a class has
 * anything to look for, so that nobody locks for nothing. Any thread may call,
 * holding no lock of a cache.
 */
#ifndef TP_STEAL_H
#define TP_STEAL_H

#include <stddef.h>
#include <stdint.h>

/* Where a get was served from, past the own stack. */
enum tp_steal_source { TP_STEAL_OVERFLOW, TP_STEAL_STOLEN, TP_STEAL_VICTIM, TP_STEAL_SOURCE_COUNT };

/*
 * Put objects on the overflow of the CPU of that number.
 * Returns how many it took; the rest stays the caller's.
 */
size_t tp_steal_offer(unsigned number, unsigned class_index, void *const *objects, size_t count);

/*
 * Take up to @count objects: from the own overflow, others' overflows (nearest
 * number first), the own victims, others' victims, whichever has any first. Of a owned class
 * only from those whose owner is this thread's, if it has one.
 * Victims give fewer at once, so that what is no longer needed does not follow every
 * request from generation to generation. Returns how many; one get is counted for
 * the source where it is not 0.
 */
size_t tp_steal_take(unsigned class_index, void **objects, size_t count);

/*
 * Open the stacks of @generation as victims; the fence lies between. Take what is
 * left of a whole generation, batch by batch, and close it: the last call returns 0.
 */
void tp_steal_open_victims(unsigned generation);
size_t tp_steal_drain(unsigned generation, int stack, void **objects, size_t count);
void tp_steal_seal(unsigned generation);

/* Gets served by each source, in the order of enum tp_steal_source. */
void tp_steal_read_counts(unsigned class_index, uint64_t counts[TP_STEAL_SOURCE_COUNT]);

#endif
