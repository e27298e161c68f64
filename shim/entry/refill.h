/*
 * Refill: the slow path of a class. A get takes from this CPU's stack, then a batch from other stacks, then from slabs.
 * A put that finds its stack full grows the stack, or makes room in it.
 *
 * Any thread may call, on any CPU, after tp_start has run, holding no lock. Owns no data.
 */
#ifndef TP_REFILL_H
#define TP_REFILL_H

/* Get an object of a class. Returns NULL if there is no memory. */
void *tp_refill_get(unsigned class_index);

/* Put an object of a class. The caller has cleared it, if the class wants that. */
void tp_refill_put(unsigned class_index, void *object);

#endif
