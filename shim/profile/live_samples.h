/*
 * Sampled objects: those that are out now, by address, with the site they came from.
 *
 * Any thread may call; a short lock for each share of the addresses. Bounded: what
 * finds no place is not remembered, and the caller counts it.
 */
#ifndef TP_SAMPLED_H
#define TP_SAMPLED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shim/base/lock.h"

struct tp_sampled {
	uintptr_t address; /* 0: none */
	uint64_t bytes; /* as asked for */
	uint32_t site;
	uint32_t process; /* how many forks ago it was allocated */
};

/* Map the table. Returns false where there is no memory. */
bool tp_sampled_start(void);

/* Remember an object. Returns false where there is no room for it. */
bool tp_sampled_add(const struct tp_sampled *object);

/* Forget the object at @address and tell what it was. Returns false where it was not sampled. */
bool tp_sampled_remove(const void *address, struct tp_sampled *object);

/* Apply @action to the lock of every share of the addresses. For fork. */
void tp_sampled_each_lock(void (*action)(struct tp_lock *lock));

#endif
