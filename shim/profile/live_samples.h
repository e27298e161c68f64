/*
 * Sampled objects: those that are out now, by address, with the site they came from.
 *
 * Any thread may call; a short lock for each share of the addresses. Bounded: what
 * finds no place is not remembered, and the caller counts it.
 */
#ifndef TP_LIVE_SAMPLES_H
#define TP_LIVE_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shim/base/lock.h"

struct tp_live_sample {
	uintptr_t address; /* 0: none */
	uint64_t bytes; /* as asked for */
	uint32_t site;
	uint32_t process; /* how many forks ago it was allocated */
};

/* Map the table. Returns false where there is no memory. */
bool tp_live_samples_start(void);

/* Remember an object. Returns false where there is no room for it. */
bool tp_live_samples_add(const struct tp_live_sample *object);

/* Forget the object at @address and tell what it was. Returns false where it was not sampled. */
bool tp_live_samples_remove(const void *address, struct tp_live_sample *object);

/* Apply @action to the lock of every share of the addresses. For fork. */
void tp_live_samples_each_lock(void (*action)(struct tp_lock *lock));

#endif
