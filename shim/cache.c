/* Per-CPU caches: creation, the guarded fallback, turning, sums. See cache.h. */
#include "shim/cache.h"

#include <errno.h>
#include <linux/membarrier.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/single_threaded.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "shim/arch/section.h"
#include "shim/hot.h"
#include "shim/slab.h"

#define CPU_MASK_WORDS 1024U /* room for 65,536 CPUs */
#define UNKNOWN_CPUS 64U /* caches where the number of CPUs cannot be had */

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

/* By CPU number: its caches; its stacks of each generation; and a table that is closed for good. */
static unsigned number_count;
static struct tp_cpu *_Atomic *cpus;
static struct tp_cache *_Atomic *stacks[TP_CACHE_GENERATIONS];
static struct tp_cache *_Atomic *closed_stacks;

/*
 * Which generation is primary, and that the hot path's table is its. A wake that
 * read the one and wrote the other over a turn would let sections loose on victims.
 */
static struct tp_lock table_lock;
static _Atomic unsigned primary;
static intptr_t open_offset;
static _Atomic uint64_t folded_operations[TP_CLASS_COUNT];

/*
 * An upper bound of the CPU numbers: the bytes of the kernel's CPU mask. 0: unknown.
 * Source: sched_getaffinity(2), "C library/kernel differences".
 */
static unsigned possible_cpus(void)
{
	unsigned long mask[CPU_MASK_WORDS];
	long bytes = syscall(SYS_sched_getaffinity, 0, sizeof mask, mask);

	return bytes > 0 ? (unsigned)bytes * 8 : 0;
}

static void *map_pages(size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

static bool membarrier(int command)
{
	int saved_errno = errno;
	bool done = syscall(SYS_membarrier, command, 0, 0) == 0;

	errno = saved_errno;
	return done;
}

/*
 * Wait until no section works on what was published before. A program with one
 * thread needs none, and may be in a sandbox that would kill it for the call: this
 * thread is in no section, as it is here, and an interrupted one has been aborted.
 */
static bool fence(void)
{
	return tp_cache_mode == TP_CACHE_LOCK || __libc_single_threaded ||
	       membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ);
}

static void publish_table(struct tp_cache *_Atomic *table)
{
	/* release: the entries are there before the table is; sections read it plainly */
	__atomic_store_n(&tp_hot_primary, (struct tp_cache *const *)table, __ATOMIC_RELEASE);
}

bool tp_cache_start(bool open)
{
	unsigned possible = possible_cpus();

	number_count = possible ? possible : UNKNOWN_CPUS;
	struct tp_cache *_Atomic *tables = map_pages(4 * number_count * sizeof *tables);
	if (!tables)
		return false;
	closed_stacks = tables;
	stacks[0] = tables + number_count;
	stacks[1] = tables + 2 * number_count;
	cpus = (struct tp_cpu * _Atomic *)(tables + 3 * number_count);
	for (unsigned i = 0; i < 3 * number_count; i++)
		atomic_init(&tables[i], CLOSED_CACHE);
	publish_table(stacks[0]);
	if (!open)
		return true;
	intptr_t cpu_offset;
	/* Sections do not check the number, so without a bound there are none. */
	if (possible && tp_section_find_registration(&open_offset, &cpu_offset) &&
	    membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ)) {
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

unsigned tp_cache_number_count(void)
{
	return number_count;
}

unsigned tp_cache_current_number(void)
{
	int cpu = tp_cache_mode == TP_CACHE_RSEQ ? tp_section_cpu() : sched_getcpu();

	return cpu < 0 || (unsigned)cpu >= number_count ? 0 : (unsigned)cpu;
}

struct tp_cpu *tp_cache_cpu(unsigned number)
{
	/* acquire: pairs with the exchange in tp_cache_ensure */
	return atomic_load_explicit(&cpus[number], memory_order_acquire);
}

unsigned tp_cache_primary(void)
{
	return atomic_load_explicit(&primary, memory_order_acquire);
}

static void init_cache(struct tp_cache *cache)
{
	/* Closed is "slot 512", whose word below is NULL; class 0 stays so. */
	atomic_init(&cache->headers[0], TP_CACHE_CLOSED);
	for (unsigned i = 1; i < TP_CLASS_COUNT; i++)
		atomic_init(&cache->headers[i], tp_cache_bottom(&tp_classes.row[i], i));
}

bool tp_cache_ensure(void)
{
	unsigned number = tp_cache_current_number();
	struct tp_cpu *expected = NULL;

	if (tp_cache_cpu(number))
		return true;
	struct tp_cpu *cpu = map_pages(sizeof *cpu);
	if (!cpu)
		return false;
	for (unsigned generation = 0; generation < TP_CACHE_GENERATIONS; generation++) {
		init_cache(&cpu->stacks[generation]);
		init_cache(&cpu->overflow[generation]);
	}
	if (!atomic_compare_exchange_strong_explicit(
		&cpus[number], &expected, cpu, memory_order_acq_rel, memory_order_acquire)) {
		munmap(cpu, sizeof *cpu);
		return true;
	}
	for (unsigned generation = 0; generation < TP_CACHE_GENERATIONS; generation++)
		atomic_store_explicit(&stacks[generation][number], &cpu->stacks[generation], memory_order_release);
	return true;
}

static void make_primary(unsigned generation)
{
	tp_lock_acquire(&table_lock);
	atomic_store_explicit(&primary, generation, memory_order_release);
	publish_table(stacks[generation]);
	tp_lock_release(&table_lock);
}

bool tp_cache_turn(void)
{
	unsigned old = tp_cache_primary();

	make_primary(old ^ 1);
	if (fence())
		return true;
	/* Sections of both tables end on their own CPU's stacks, so going back needs no fence. */
	make_primary(old);
	return false;
}

bool tp_cache_is_empty(void)
{
	struct tp_cache_counts counts;

	for (unsigned i = 1; i < TP_CLASS_COUNT; i++) {
		tp_cache_read_counts(i, &counts);
		if (counts.depth != 0)
			return false;
	}
	return true;
}

void tp_cache_close_tables(void)
{
	tp_lock_acquire(&table_lock);
	publish_table(closed_stacks);
	tp_lock_release(&table_lock);
}

bool tp_cache_doze(void)
{
	if (tp_cache_mode == TP_CACHE_LOCK)
		return tp_cache_is_empty(); /* every free passes the slow path, and wakes */
	tp_cache_close_tables();
	if (fence() && tp_cache_is_empty())
		return true;
	tp_cache_wake();
	return false;
}

void tp_cache_wake(void)
{
	tp_lock_acquire(&table_lock);
	publish_table(stacks[tp_cache_primary()]);
	tp_lock_release(&table_lock);
}

/* The CPU's stacks of the primary generation, locked. Only without rseq. */
static struct tp_cache *lock_current(void)
{
	for (;;) {
		unsigned number = tp_cache_current_number();

		if (!tp_cache_cpu(number)) {
			if (!tp_cache_ensure())
				return NULL;
			continue;
		}
		struct tp_cache *cache = &tp_cache_cpu(number)->stacks[tp_cache_primary()];
		tp_lock_acquire(&cache->lock);
		if (!atomic_load_explicit(&cache->victim, memory_order_relaxed))
			return cache;
		tp_lock_release(&cache->lock); /* a turn came between; nothing is pushed on victims */
	}
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

size_t tp_cache_depth(struct tp_cache *cache, unsigned class_index)
{
	return (header_of(cache, class_index) & 0xffff) - tp_cache_bottom(&tp_classes.row[class_index], class_index);
}

size_t tp_cache_put(struct tp_cache *cache, unsigned class_index, void *const *objects, size_t count)
{
	uint64_t header = header_of(cache, class_index);
	size_t room = -header & TP_STACK_STRIDE_MASK;

	if (count > room)
		count = room;
	for (size_t i = 0; i < count; i++)
		atomic_store_explicit(slot_at(cache, header) + i, objects[i], memory_order_relaxed);
	set_header(cache, class_index, header + count);
	return count;
}

size_t tp_cache_take(struct tp_cache *cache, unsigned class_index, void **objects, size_t count)
{
	uint64_t header = header_of(cache, class_index);
	size_t depth = tp_cache_depth(cache, class_index);

	if (count > depth)
		count = depth;
	for (size_t i = 0; i < count; i++)
		objects[i] = atomic_load_explicit(slot_at(cache, header) - count + i, memory_order_relaxed);
	set_header(cache, class_index, header - count);
	return count;
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
	count = tp_cache_put(cache, class_index, objects, count);
	tp_lock_release(&cache->lock);
	return count;
}

size_t tp_cache_empty(unsigned class_index, void **objects, size_t count)
{
	if (tp_cache_mode == TP_CACHE_RSEQ)
		return tp_section_empty(
		    class_index, objects, count, tp_cache_bottom(&tp_classes.row[class_index], class_index));
	struct tp_cache *cache = lock_current();
	if (!cache)
		return 0;
	count = tp_cache_take(cache, class_index, objects, count);
	tp_lock_release(&cache->lock);
	return count;
}

void tp_cache_fold(struct tp_cache *cache)
{
	for (unsigned i = 1; i < TP_CLASS_COUNT; i++) {
		uint64_t header = header_of(cache, i);

		if (header >> 16 == 0)
			continue;
		atomic_fetch_add_explicit(&folded_operations[i], header >> 16, memory_order_relaxed);
		set_header(cache, i, header & 0xffff);
	}
}

void tp_cache_read_counts(unsigned class_index, struct tp_cache_counts *counts)
{
	*counts = (struct tp_cache_counts){
		.operations = atomic_load_explicit(&folded_operations[class_index], memory_order_relaxed),
	};
	for (unsigned i = 0; i < number_count; i++) {
		struct tp_cpu *cpu = tp_cache_cpu(i);

		if (!cpu)
			continue;
		for (unsigned generation = 0; generation < TP_CACHE_GENERATIONS; generation++) {
			counts->operations += header_of(&cpu->stacks[generation], class_index) >> 16;
			counts->depth += tp_cache_depth(&cpu->stacks[generation], class_index) +
					 tp_cache_depth(&cpu->overflow[generation], class_index);
		}
	}
}

unsigned tp_cache_count(void)
{
	unsigned count = 0;

	for (unsigned i = 0; i < number_count; i++)
		count += tp_cache_cpu(i) != NULL;
	return count;
}

void tp_cache_lock_all(void)
{
	tp_lock_acquire(&table_lock);
	for (unsigned i = 0; i < number_count; i++) {
		struct tp_cpu *cpu = tp_cache_cpu(i);

		if (!cpu)
			continue;
		for (unsigned generation = 0; generation < TP_CACHE_GENERATIONS; generation++) {
			tp_lock_acquire(&cpu->stacks[generation].lock);
			tp_lock_acquire(&cpu->overflow[generation].lock);
		}
		cpu->locked_for_fork = true;
	}
}

void tp_cache_unlock_all(void)
{
	tp_lock_release(&table_lock);
	for (unsigned i = 0; i < number_count; i++) {
		struct tp_cpu *cpu = tp_cache_cpu(i);

		if (!cpu || !cpu->locked_for_fork)
			continue;
		cpu->locked_for_fork = false;
		for (unsigned generation = 0; generation < TP_CACHE_GENERATIONS; generation++) {
			tp_lock_release(&cpu->stacks[generation].lock);
			tp_lock_release(&cpu->overflow[generation].lock);
		}
	}
}
