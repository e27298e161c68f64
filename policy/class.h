/*
 * Size classes: which object size serves a request of N bytes.
 *
 * Pure arithmetic on numbers; owns no data, may be called from anywhere.
 * Spacing: every 16 bytes up to 256, then six steps a doubling (18, 20, 22, 25,
 * 28 and 32 sixteenths), so that no request over 128 bytes wastes more than
 * 12.5 % of the object it gets. A policy may add sizes of its own. Class 0 is "not
 * pooled".
 */
#ifndef TP_POLICY_CLASS_H
#define TP_POLICY_CLASS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TP_CLASS_LIMIT 126U /* classes that there can be, class 0 included */
#define TP_CLASS_OWNED_LIMIT 64U /* all classes that may be owned are before it */
#define TP_CLASS_GRAIN_SHIFT 4U /* sizes are multiples of 16 bytes */
#define TP_CLASS_BYTES_LIMIT 1048576U /* the largest size that can be pooled */
#define TP_CLASS_GRAIN_COUNT ((TP_CLASS_BYTES_LIMIT >> TP_CLASS_GRAIN_SHIFT) + 1U)
#define TP_CLASS_CAPACITY_MAX 511U /* the slots of the largest area of a cache */
#define TP_CLASS_OVERFLOW_MAX 2048U
#define TP_CLASS_BATCH_MAX 256U /* objects that one slow path moves */

/*
 * Added to a class's number in the table of sizes, where a get is to take the slow path: a stack of such a number is
 * always closed. The number without it is the class, and all classes are below it.
 */
#define TP_CLASS_SLOW_GET 128U

/*
 * A stack's number: that of its class, or of a owned class's remotes, freed objects on the way to their owner.
 */
#define TP_CLASS_STACK(class_index) ((int)(class_index))
#define TP_CLASS_REMOTE(class_index) (TP_CLASS_STACK(class_index) - (int)TP_CLASS_OWNED_LIMIT)
#define TP_CLASS_STACK_MIN TP_CLASS_REMOTE(1)
#define TP_CLASS_STACK_MAX ((int)TP_CLASS_LIMIT - 1)
#define TP_CLASS_REMOTE_FIRST 15U /* slots that a CPU has for those of a class to begin with */
#define TP_CLASS_REMOTE_MAX 63U /* that it keeps before it sends them owner */

/* Whether a class is pooled: by how often it is asked for, in any case, or not at all. */
enum tp_class_mode { TP_CLASS_AUTO, TP_CLASS_ALWAYS, TP_CLASS_NEVER };

/* Whether an object is cleared, and when: as it is put into a pool, or as it is got. */
enum tp_class_zero { TP_ZERO_OFF, TP_ZERO_PUT, TP_ZERO_GET };

/* What a class is. Read-only once start has built the table. */
struct tp_class {
	uint32_t object_bytes; /* 0 for class 0 */
	uint32_t slab_bytes; /* 64 KiB; 256 KiB above 8 KiB, four objects or more above 64 KiB */
	uint32_t slab_objects; /* objects a slab holds */
	uint16_t capacity; /* objects one CPU's stack holds at most */
	uint16_t overflow_capacity; /* and its overflow; set by tp_class_index */
	uint16_t refill_count; /* objects a miss takes from the slabs */
	uint16_t warm_count; /* objects a CPU's stack gets before its first use */
	uint8_t mode; /* enum tp_class_mode */
	uint8_t zero; /* enum tp_class_zero */
	bool exact; /* added for a size of its own */
	bool owned; /* several share a cache line, so each goes back to the CPU whose slab it is of */
	bool slow_put; /* every put takes the slow path */
	bool capped; /* a policy has said the capacity, and so the overflow's */
	uint64_t reciprocal; /* ceil(2^40 / object_bytes) */
};

struct tp_classes {
	uint32_t count; /* rows in use, class 0 included; by rising size */
	uint32_t max_bytes; /* the largest pooled size */
	bool slow; /* every get and every put takes the slow path, which then sees it */
	struct tp_class row[TP_CLASS_LIMIT];
	uint8_t of_grain[TP_CLASS_GRAIN_COUNT]; /* class of (bytes + 15) / 16, with TP_CLASS_SLOW_GET where gets are slow */
};

/*
 * Fill @classes with the default classes up to the first that holds @max_bytes,
 * all of them auto.
 */
void tp_class_build(struct tp_classes *classes, size_t max_bytes, enum tp_class_zero zero);

/*
 * Add a class of exactly @object_bytes, a multiple of 16 up to max_bytes, with the
 * mode and the clearing of the class that served it before.
 * Returns its number, also of one that exists; 0 when there are TP_CLASS_LIMIT.
 * The numbers of larger classes rise by one.
 */
unsigned tp_class_add(struct tp_classes *classes, uint32_t object_bytes);

/* The row's settings as a class of this size has them by default. */
void tp_class_reset_settings(struct tp_class *c);

/*
 * The slots that a stack of @capacity gets when it grows, at most @limit: first
 * enough for a refill, then at least double and one more, so that what it holds can
 * move without overlapping. Returns @capacity where there is no such step.
 */
unsigned tp_class_next_capacity(const struct tp_class *c, unsigned capacity, unsigned limit);

/*
 * Put every size to its class, and say which are owned, whose puts are slow, and what overflows hold, after the last
 * change to the rows.
 */
void tp_class_index(struct tp_classes *classes);

/* Have every get take the slow path. */
void tp_class_slow_gets(struct tp_classes *classes);

/*
 * Find the smallest class whose objects hold @bytes at a multiple of @alignment.
 * Arguments: bytes up to PTRDIFF_MAX; alignment a power of two.
 * Returns the class, or 0 when no pooled class does.
 */
unsigned tp_class_aligned(const struct tp_classes *classes, size_t bytes, size_t alignment);

/* Stacks counted from the lowest number on, for what there is of each. */
static inline unsigned tp_class_stack_index(int stack)
{
	return (unsigned)(stack - TP_CLASS_STACK_MIN);
}

/* The class of what lies on a stack. */
static inline unsigned tp_class_of_stack(int stack)
{
	return (unsigned)(stack < 0 ? stack + (int)TP_CLASS_OWNED_LIMIT : stack);
}

/* Whether a block of @old_bytes is still right for @bytes: neither too small nor half empty. */
static inline bool tp_class_fits(size_t old_bytes, size_t bytes)
{
	return bytes <= old_bytes && (bytes >= old_bytes / 2 || old_bytes <= (1U << TP_CLASS_GRAIN_SHIFT));
}

/*
 * Divide @offset_bytes within a slab by the class's object size.
 * Exact for offsets below 2^24: the reciprocal's error stays under one part.
 */
static inline uint32_t tp_class_object_index(const struct tp_class *c, uint32_t offset_bytes)
{
	return (uint32_t)((offset_bytes * c->reciprocal) >> 40);
}

#endif
