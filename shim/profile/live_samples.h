/*
 * Live samples: the sampled objects that are allocated now, by address, each with the site that allocated it.
 *
 * Owns a hash table of bounded size, in 64 shards, and a short lock for each shard. An object that finds no room is
 * not remembered, and the caller counts it. Any thread may call, holding none of these locks.
 */
#ifndef TP_LIVE_SAMPLES_H
#define TP_LIVE_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shim/base/lock.h"

struct tp_live_sample {
	uintptr_t address; /* 0: none */
	uint64_t bytes; /* as the program asked */
	uint32_t site; /* number (site.h) */
	uint32_t process; /* how many forks lay between the program's start and the allocation */
};

/* Map the table. Returns false if there is no memory. */
bool tp_live_samples_start(void);

/* Remember an object. Returns false if its shard has no room. */
bool tp_live_samples_add(const struct tp_live_sample *object);

/* Forget the object at @address, and copy what was known of it to @object. Returns false if it was not sampled. */
bool tp_live_samples_remove(const void *address, struct tp_live_sample *object);

/* Apply @action to the lock of every shard. For fork. */
void tp_live_samples_each_lock(void (*action)(struct tp_lock *lock));

#endif
