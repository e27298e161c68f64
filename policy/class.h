/*
 * Size classes: which object size serves a request, and how a class is pooled.
 *
 * Sizes: every 16 bytes up to 256, then six steps for each doubling (18, 20, 22, 25, 28 and 32 sixteenths), so that a
 * request over 128 bytes wastes at most 12.5 % of its object. A policy may add sizes of its own. Class 0 means "not
 * pooled". Pure arithmetic on the caller's table, without data of its own.
 */
#ifndef TP_POLICY_CLASS_H
#define TP_POLICY_CLASS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TP_CLASS_LIMIT 126U /* the most classes there can be, class 0 included */
#define TP_CLASS_OWNED_LIMIT 64U /* classes that may be owned have lower numbers */
#define TP_CLASS_GRAIN_SHIFT 4U /* sizes are multiples of 16 bytes */
#define TP_CLASS_BYTES_LIMIT 1048576U /* the largest size that can be pooled */
#define TP_CLASS_GRAIN_COUNT ((TP_CLASS_BYTES_LIMIT >> TP_CLASS_GRAIN_SHIFT) + 1U)
#define TP_CLASS_CAPACITY_MAX 511U /* the slots of the largest area of a cache */
#define TP_CLASS_OVERFLOW_MAX 2048U /* objects of one class in an overflow */
#define TP_CLASS_BATCH_MAX 256U /* the most objects that one slow path moves */

/*
 * Added to a class's number in of_grain if the gets of that size are slow: the hot path finds a closed stack at this
 * number. All classes have lower numbers, so that the class is the number without it.
 */
#define TP_CLASS_SLOW_GET 128U

/*
 * Numbers of stacks: above 0 the stack of a class's objects; below 0 that of an owned class's remotes, freed objects on
 * the way to their owner. Stack 0 is always closed.
 */
#define TP_CLASS_STACK(class_index) ((int)(class_index))
#define TP_CLASS_REMOTE(class_index) (TP_CLASS_STACK(class_index) - (int)TP_CLASS_OWNED_LIMIT)
#define TP_CLASS_STACK_MIN TP_CLASS_REMOTE(1)
#define TP_CLASS_STACK_MAX ((int)TP_CLASS_LIMIT - 1)
#define TP_CLASS_REMOTE_FIRST 15U /* slots for the remotes of a class, on one CPU, at first */
#define TP_CLASS_REMOTE_MAX 63U /* and at most: then they are sent to their owners */

/* Whether a class is pooled: if it is asked for often enough, always, or never. */
enum tp_class_mode { TP_CLASS_AUTO, TP_CLASS_ALWAYS, TP_CLASS_NEVER };

/* When an object is cleared: never, as it is put, or as a get is served. */
enum tp_class_zero { TP_ZERO_OFF, TP_ZERO_PUT, TP_ZERO_GET };

/* A class. Read-only after start. */
struct tp_class {
	uint32_t object_bytes; /* 0 for class 0 */
	uint32_t slab_bytes; /* 64 KiB; over 8 KiB a power of two that holds four objects or more, at least 256 KiB */
	uint32_t slab_objects; /* objects in a slab */
	uint16_t capacity; /* the most slots of a CPU's stack */
	uint16_t overflow_capacity; /* the most objects in a CPU's overflow; set by tp_class_index */
	uint16_t refill_count; /* objects that a miss takes from the slabs */
	uint16_t warm_count; /* objects that a CPU's stack gets before its first use */
	uint8_t mode; /* enum tp_class_mode */
	uint8_t zero; /* enum tp_class_zero */
	bool exact; /* a policy added it, for exactly this size */
	bool owned; /* its objects share cache lines, so a slab has an owner, to which remote objects are sent */
	bool slow_put; /* every put takes the slow path */
	bool capped; /* a policy set the capacity, which then is the overflow's too */
	uint64_t reciprocal; /* ceil(2^40 / object_bytes) */
};

/* The classes. Read-only after start, but for what tp_class_slow_gets writes. */
struct tp_classes {
	uint32_t count; /* rows in use, class 0 included */
	uint32_t max_bytes; /* the largest pooled size */
	bool slow; /* every get and every put takes the slow path, so that the slow path sees them all */
	struct tp_class row[TP_CLASS_LIMIT]; /* by rising size */
	uint8_t of_grain[TP_CLASS_GRAIN_COUNT]; /* by (bytes + 15) / 16; with TP_CLASS_SLOW_GET if gets are slow */
};

/*
 * Fill @classes with the default classes, up to the first that holds @max_bytes. All are auto, and cleared as @zero
 * says.
 */
void tp_class_build(struct tp_classes *classes, size_t max_bytes, enum tp_class_zero zero);

/*
 * Add a class of exactly @object_bytes, a multiple of 16 up to max_bytes. It gets the mode and the clearing of the
 * class that served this size before. The numbers of larger classes rise by one.
 * Returns the number of the class, which may have existed; 0 when there are TP_CLASS_LIMIT classes.
 */
unsigned tp_class_add(struct tp_classes *classes, uint32_t object_bytes);

/* Set the capacity, the refill and the warm objects of a class to the defaults of its size. */
void tp_class_reset_settings(struct tp_class *c);

/*
 * Return how many slots a stack of @capacity slots has after it grows, at most @limit: at first enough for a refill,
 * and then at least twice as many and one. Returns @capacity if the limit leaves no such step.
 */
unsigned tp_class_next_capacity(const struct tp_class *c, unsigned capacity, unsigned limit);

/* Fill of_grain, and set owned, slow_put and overflow_capacity of every class. Called after a row has changed. */
void tp_class_index(struct tp_classes *classes);

/* Make every get slow. */
void tp_class_slow_gets(struct tp_classes *classes);

/*
 * Find the smallest class whose objects hold @bytes at a multiple of @alignment.
 * Arguments: bytes up to PTRDIFF_MAX; alignment a power of two.
 * Returns the class, or 0 if no class does.
 */
unsigned tp_class_aligned(const struct tp_classes *classes, size_t bytes, size_t alignment);

/* Return the index of a stack in an array of all stacks: 0 for TP_CLASS_STACK_MIN. */
static inline unsigned tp_class_stack_index(int stack)
{
	return (unsigned)(stack - TP_CLASS_STACK_MIN);
}

/* Return the class of the objects that lie on a stack. */
static inline unsigned tp_class_of_stack(int stack)
{
	return (unsigned)(stack < 0 ? stack + (int)TP_CLASS_OWNED_LIMIT : stack);
}

/* Return whether a block of @old_bytes still suits @bytes: it is large enough, and at least half full. */
static inline bool tp_class_fits(size_t old_bytes, size_t bytes)
{
	return bytes <= old_bytes && (bytes >= old_bytes / 2 || old_bytes <= (1U << TP_CLASS_GRAIN_SHIFT));
}

/*
 * Return @offset_bytes, of a byte in a slab, divided by the class's object size.
 * Exact at the start of an object, and for each byte if offset_bytes * object_bytes is below 2^40: the reciprocal is
 * rounded up by less than 1.
 */
static inline uint32_t tp_class_object_index(const struct tp_class *c, uint32_t offset_bytes)
{
	return (uint32_t)((offset_bytes * c->reciprocal) >> 40);
}

#endif
