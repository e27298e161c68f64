/* Per-CPU caches: creation, the guarded fallback, sums. See cache.h. */
#include "shim/cache.h"

#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "shim/arch/section.h"
#include "shim/hot.h"
#include "shim/slab.h"

#define PAGE_BYTES 4096U
#define CPU_MASK_WORDS 1024U /* room for 65,536 CPUs */

_Static_assert(offsetof(struct tp_cache, slots) == TP_CACHE_STRIDE * sizeof(void *), "class 1 begins at word 512");
_Static_assert(TP_CACHE_STRIDE - 1 == TP_STACK_STRIDE_MASK, "assembly tests full by this mask");
_Static_assert(TP_CLASS_CAPACITY_MAX < TP_CACHE_STRIDE, "a slot stays free for the NULL below the bottom");
_Static_assert(TP_CLASS_COUNT *TP_CACHE_STRIDE < 65536, "a slot index has 16 bits");

enum tp_cache_mode tp_cache_mode;

/*
 * What every CPU has until its first slow path: all classes closed. Only the words
 * that a section reads before it is refused exist.
 */
static const uint64_t closed_words[TP_CACHE_STRIDE] = { [0 ... TP_CLASS_COUNT - 1] = TP_CACHE_CLOSED };
#define CLOSED_CACHE ((struct tp_cache *)(uintptr_t)closed_words)

/* In force before start, when not even the thread's own area may be set up yet. */
struct tp_cache *const tp_cache_before_start[1] = { CLOSED_CACHE };
static struct tp_cache *_Atomic *table;
static unsigned table_count;
static intptr_t open_offset;

/*
 * An upper bound of the CPU numbers: the bytes of the kernel's CPU mask.
 * Source: sched_getaffinity(2), "C library/kernel differences".
 */
static unsigned possible_cpus(void)
{
	unsigned long mask[CPU_MASK_WORDS];
	long bytes = syscall(SYS_sched_getaffinity, 0, sizeof mask, mask);

	return bytes > 0 ? (unsigned)bytes * 8 : 64;
}

static void *map_pages(size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

bool tp_cache_start(bool open)
{
	table_count = possible_cpus();
	table = map_pages(table_count * sizeof *table);
	if (!table)
		return false;
	for (unsigned i = 0; i < table_count; i++)
		atomic_init(&table[i], CLOSED_CACHE);
	tp_hot_primary = (struct tp_cache *const *)table;
	if (!open)
		return true;
	intptr_t cpu_offset;
	if (tp_section_find_registration(&open_offset, &cpu_offset)) {
		tp_cache_mode = TP_CACHE_RSEQ;
		tp_hot_cpu_offset = cpu_offset;
		tp_cache_open();
	}
	return true;
}

void tp_cache_open(void)
{
	if (tp_cache_mode == TP_CACHE_RSEQ)
		__atomic_store_n(&tp_hot_rseq_offset, open_offset, __ATOMIC_RELEASE);
}

void tp_cache_close(void)
{
	if (tp_cache_mode == TP_CACHE_RSEQ)
		__atomic_store_n(&tp_hot_rseq_offset, tp_section_absent_offset, __ATOMIC_SEQ_CST);
}

bool tp_cache_usable(void)
{
	return tp_cache_mode == TP_CACHE_LOCK || tp_section_cpu() >= 0;
}

bool tp_cache_restore_registration(void)
{
	return tp_cache_mode == TP_CACHE_LOCK || tp_section_register(open_offset);
}

/* The number of the cache to use now; only a hint unless inside a section or under its lock. */
static unsigned current_number(void)
{
	int cpu = tp_cache_mode == TP_CACHE_RSEQ ? tp_section_cpu() : sched_getcpu();

	return cpu < 0 || (unsigned)cpu >= table_count ? 0 : (unsigned)cpu;
}

static struct tp_cache *cache_at(unsigned number)
{
	/* acquire: pairs with the exchange in tp_cache_ensure */
	return atomic_load_explicit(&table[number], memory_order_acquire);
}

bool tp_cache_ensure(void)
{
	unsigned number = current_number();
	struct tp_cache *expected = CLOSED_CACHE;

	if (cache_at(number) != expected)
		return true;
	struct tp_cache *cache = map_pages(sizeof *cache);
	if (!cache)
		return false;
	/* Closed is "slot 512", whose word below is NULL; class 0 stays so. */
	atomic_init(&cache->headers[0], TP_CACHE_CLOSED);
	for (unsigned i = 1; i < TP_CLASS_COUNT; i++)
		atomic_init(&cache->headers[i], tp_cache_bottom(&tp_classes.row[i], i));
	if (!atomic_compare_exchange_strong_explicit(
		&table[number], &expected, cache, memory_order_acq_rel, memory_order_acquire))
		munmap(cache, sizeof *cache);
	return true;
}

/* The cache of this CPU, locked. Only without rseq. */
static struct tp_cache *lock_current(void)
{
	if (!tp_cache_ensure())
		return NULL;
	struct tp_cache *cache = cache_at(current_number());
	if (cache == CLOSED_CACHE)
		return NULL; /* moved to a CPU without a cache: the next call creates it */
	tp_lock_acquire(&cache->lock);
	return cache;
}

static void *_Atomic *slot_at(struct tp_cache *cache, uint64_t header)
{
	return (void *_Atomic *)cache + (header & 0xffff);
}

static uint64_t header_of(struct tp_cache *cache, unsigned class_index)
{
	return atomic_load_explicit(&cache->headers[class_index], memory_order_relaxed);
}

static void set_header(struct tp_cache *cache, unsigned class_index, uint64_t header)
{
	atomic_store_explicit(&cache->headers[class_index], header, memory_order_relaxed);
}

void *tp_cache_pop_slow(unsigned class_index)
{
	if (tp_cache_mode == TP_CACHE_RSEQ)
		return tp_section_pop(class_index);
	struct tp_cache *cache = lock_current();
	if (!cache)
		return NULL;
	uint64_t header = header_of(cache, class_index);
	void *object = atomic_load_explicit(slot_at(cache, header) - 1, memory_order_relaxed);
	if (object)
		set_header(cache, class_index, header + 0xffff);
	tp_lock_release(&cache->lock);
	return object;
}

bool tp_cache_push_slow(unsigned class_index, void *object)
{
	if (tp_cache_mode == TP_CACHE_RSEQ)
		return tp_section_push(class_index, object);
	struct tp_cache *cache = lock_current();
	if (!cache)
		return false;
	uint64_t header = header_of(cache, class_index);
	bool room = (header & TP_STACK_STRIDE_MASK) != 0;
	if (room) {
		atomic_store_explicit(slot_at(cache, header), object, memory_order_relaxed);
		set_header(cache, class_index, header + 0x10001);
	}
	tp_lock_release(&cache->lock);
	return room;
}

size_t tp_cache_fill(unsigned class_index, void *const *objects, size_t count)
{
	if (tp_cache_mode == TP_CACHE_RSEQ)
		return tp_section_fill(class_index, objects, count);
	struct tp_cache *cache = lock_current();
	if (!cache)
		return 0;
	uint64_t header = header_of(cache, class_index);
	size_t room = -header & TP_STACK_STRIDE_MASK;
	if (count > room)
		count = room;
	for (size_t i = 0; i < count; i++)
		atomic_store_explicit(slot_at(cache, header) + i, objects[i], memory_order_relaxed);
	set_header(cache, class_index, header + count);
	tp_lock_release(&cache->lock);
	return count;
}

size_t tp_cache_empty(unsigned class_index, void **objects, size_t count)
{
	unsigned bottom = tp_cache_bottom(&tp_classes.row[class_index], class_index);

	if (tp_cache_mode == TP_CACHE_RSEQ)
		return tp_section_empty(class_index, objects, count, bottom);
	struct tp_cache *cache = lock_current();
	if (!cache)
		return 0;
	uint64_t header = header_of(cache, class_index);
	size_t depth = (header & 0xffff) - bottom;
	if (count > depth)
		count = depth;
	for (size_t i = 0; i < count; i++)
		objects[i] = atomic_load_explicit(slot_at(cache, header) - count + i, memory_order_relaxed);
	set_header(cache, class_index, header - count);
	tp_lock_release(&cache->lock);
	return count;
}

void tp_cache_read_counts(unsigned class_index, struct tp_cache_counts *counts)
{
	unsigned bottom = tp_cache_bottom(&tp_classes.row[class_index], class_index);

	*counts = (struct tp_cache_counts){ 0 };
	for (unsigned i = 0; i < table_count; i++) {
		struct tp_cache *cache = cache_at(i);

		if (cache == CLOSED_CACHE)
			continue;
		uint64_t header = header_of(cache, class_index);
		counts->operations += header >> 16;
		counts->depth += (header & 0xffff) - bottom;
	}
}

unsigned tp_cache_count(void)
{
	unsigned count = 0;

	for (unsigned i = 0; i < table_count; i++)
		count += cache_at(i) != CLOSED_CACHE;
	return count;
}

void tp_cache_lock_all(void)
{
	if (tp_cache_mode == TP_CACHE_LOCK)
		for (unsigned i = 0; i < table_count; i++)
			if (cache_at(i) != CLOSED_CACHE)
				tp_lock_acquire(&cache_at(i)->lock);
}

void tp_cache_unlock_all(void)
{
	if (tp_cache_mode == TP_CACHE_LOCK)
		for (unsigned i = 0; i < table_count; i++)
			if (cache_at(i) != CLOSED_CACHE)
				tp_lock_release(&cache_at(i)->lock);
}

void tp_cache_reset_locks(void)
{
	for (unsigned i = 0; i < table_count; i++)
		if (cache_at(i) != CLOSED_CACHE)
			tp_lock_reset(&cache_at(i)->lock);
}
