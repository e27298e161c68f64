/*
 * The region: one reserved range of addresses that holds all that is handed out.
 *
 *   | class map | home map | routes | numbers  | slab records |  granule 0 | granule 1 | ...            |
 *     1 B each    1 B each   1 B for  4 B each   one each       64 KiB each, PROT_NONE until committed
 *                            each home
 *
 * "Is it ours" is one subtraction and "which class" one byte load. Ranges are
 * committed from the front and never given back as addresses; pages are, by the
 * backend's purge. Any thread may commit; nothing here waits for a lock.
 */
#ifndef TP_REGION_H
#define TP_REGION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/class.h"
#include "shim/base/hot.h"

#define TP_REGION_GRANULE_SHIFT 16
#define TP_REGION_GRANULE_BYTES ((size_t)1 << TP_REGION_GRANULE_SHIFT)

/* A home is a CPU's number modulo the homes; what routes it has is route.h's affair. */
#define TP_REGION_HOMES 32U
#define TP_REGION_NO_HOME TP_REGION_HOMES

/* Where they lie, for the functions below; written when the region is reserved. */
#pragma GCC visibility push(hidden)
extern const uint8_t *tp_region_home_map; /* a home plus one; 0: none */
extern uint32_t *tp_region_numbers;
extern unsigned char *tp_region_records;
extern size_t tp_region_record_stride;
#pragma GCC visibility pop

/* The kernel's page size. */
size_t tp_region_page_bytes(void);

/*
 * Reserve the region: @wanted_bytes, or as much as limits allow.
 * Returns the bytes reserved, 0 when not even the smallest useful range is free.
 */
size_t tp_region_reserve(size_t wanted_bytes, size_t record_bytes);

/*
 * Make the next @bytes of the region readable and writable, zero-filled.
 * Returns their start, or NULL when the region or the kernel's memory is used up.
 * Threads: any.
 */
void *tp_region_commit(size_t bytes, size_t alignment);

/* Ask the kernel for the pages of a range that is about to be written; a hint. errno is kept. */
void tp_region_populate(void *start, size_t bytes);

/* Give pages to the kernel; they read as zeroes after. Returns whether it took them. */
bool tp_region_purge(void *start, size_t bytes);

/* Bytes of the region committed so far. */
size_t tp_region_committed_bytes(void);

/*
 * Shrink the reservation so that the process stays under @limit_bytes of
 * address space: called before the host lowers its own RLIMIT_AS. Leaves it to
 * the other thread where one is already at it.
 */
void tp_region_shrink(size_t limit_bytes);

/* For fork, so that its child has no region that is half shrunk. */
void tp_region_lock_shrink(void);
void tp_region_unlock_shrink(void);
void tp_region_reset_shrink(void);

static inline size_t tp_region_granule(const void *address)
{
	return ((uintptr_t)address - tp_hot_region_base) >> TP_REGION_GRANULE_SHIFT;
}

static inline void *tp_region_granule_address(size_t granule)
{
	return (void *)(tp_hot_region_base + (granule << TP_REGION_GRANULE_SHIFT));
}

/* Whether @address lies in the region. */
static inline bool tp_region_holds(const void *address)
{
	return (uintptr_t)address - tp_hot_region_base < tp_hot_region_bytes;
}

/* The class of what lies at an address of the region; 0: a block of the backend's. */
static inline unsigned tp_region_class(const void *address)
{
	return tp_hot_class_map[tp_region_granule(address)];
}

static inline unsigned tp_region_granule_home(size_t granule)
{
	uint8_t home = __atomic_load_n(&tp_region_home_map[granule], __ATOMIC_RELAXED); /* once, as it may change */

	return home ? home - 1U : TP_REGION_NO_HOME;
}

/* The home of what lies at an address of the region. A hint, as another CPU may take its slab over. */
static inline unsigned tp_region_home(const void *address)
{
	return tp_region_granule_home(tp_region_granule(address));
}

/*
 * Make the slab records of @count numbers from @first on usable, as far as there are
 * any: one for each granule. Returns false where there are none or no memory.
 */
bool tp_region_use_records(size_t first, size_t count);

/* The slab record of a number, record_bytes apart. */
static inline void *tp_region_record(size_t number)
{
	return tp_region_records + number * tp_region_record_stride;
}

/* The number of the slab that begins at a granule, for the slabs to set. */
static inline uint32_t *tp_region_slab_number(size_t granule)
{
	return &tp_region_numbers[granule];
}

/* Enter the home and then the class of @count granules from @granule on; class 0: there is none. */
void tp_region_set_slab(size_t granule, size_t count, unsigned class_index, unsigned home);

/*
 * The routes of a home, a byte for each granule that is committed, all 0 to begin with. They
 * are usable once begun: false where there is no memory. The homes that have been, a bit each.
 */
int8_t *tp_region_routes(unsigned home);
bool tp_region_begin_routes(unsigned home);
uint32_t tp_region_routed_homes(void);

/* All granules that have been committed are below it; those below it have their bytes in every map that has begun. */
size_t tp_region_granule_count(void);

#endif
