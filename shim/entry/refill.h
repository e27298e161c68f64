/*
 * The pool of a class behind its hot path: a miss takes from this CPU's stack, then a batch from other
 * stacks or from slabs; a put that finds its stack full grows it, or makes room.
 *
 * Any thread may call, once tp_start has run, holding no lock.
 */
#ifndef TP_REFILL_H
#define TP_REFILL_H

/* Get an object of a class. Returns NULL where there is no memory. */
void *tp_refill_get(unsigned class_index);

/* Put an object of a class, cleared where its class wants that. */
void tp_refill_put(unsigned class_index, void *object);

#endif
