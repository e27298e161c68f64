/* The backend: arenas with hooks into the region, and what they count. See backend.h. */
#include "shim/backend.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>

#include "shim/chunk.h"
#include "shim/lock.h"
#include "shim/region.h"

/* The part of jemalloc 5.3's interface that is used, under its private names. */
void *tpje_mallocx(size_t size, int flags);
void *tpje_rallocx(void *ptr, size_t size, int flags);
size_t tpje_sallocx(const void *ptr, int flags);
void tpje_dallocx(void *ptr, int flags);
int tpje_mallctl(const char *name, void *oldp, size_t *oldlenp, void *newp, size_t newlen);

#define FLAG_ALIGN(alignment) ((int)__builtin_ctzl(alignment))
#define FLAG_ZERO 0x40
#define FLAG_NO_TCACHE (1 << 8)
#define FLAG_ARENA(arena) ((int)((arena) + 1) << 20)

/* Arenas by CPU, for slabs and larger blocks alike, so that what one gives up the other can use. */
#define ARENA_COUNT 8U
#define NO_ARENA 0U /* jemalloc's own arena 0 is not one of them, so 0 is free as a mark */

/* Read by jemalloc at its first call; ours, so the host's settings stay the host's. */
extern const char *tpje_malloc_conf;
const char *tpje_malloc_conf =
    "narenas:1,tcache:false,oversize_threshold:0,"
    "background_thread:false,retain:true,dss:disabled,muzzy_decay_ms:0,lg_extent_max_active_fit:30";

struct extent_hooks {
	void *(*alloc)(struct extent_hooks *, void *, size_t, size_t, bool *, bool *, unsigned);
	bool (*dalloc)(struct extent_hooks *, void *, size_t, bool, unsigned);
	void (*destroy)(struct extent_hooks *, void *, size_t, bool, unsigned);
	bool (*commit)(struct extent_hooks *, void *, size_t, size_t, size_t, unsigned);
	bool (*decommit)(struct extent_hooks *, void *, size_t, size_t, size_t, unsigned);
	bool (*purge_lazy)(struct extent_hooks *, void *, size_t, size_t, size_t, unsigned);
	bool (*purge_forced)(struct extent_hooks *, void *, size_t, size_t, size_t, unsigned);
	bool (*split)(struct extent_hooks *, void *, size_t, size_t, size_t, bool, unsigned);
	bool (*merge)(struct extent_hooks *, void *, size_t, void *, size_t, bool, unsigned);
};

static _Atomic unsigned arenas[ARENA_COUNT];
static _Atomic bool awake; /* jemalloc has been called: when it is first needed, which in small programs is never */
static struct tp_lock wake_lock;
static _Atomic uint64_t returned_bytes;
static _Atomic uint64_t count_gets, count_puts, count_bytes, count_live_bytes;
static void (*fork_prepare)(void), (*fork_parent)(void), (*fork_child)(void);

/* What the renamed copy calls instead of libc. */
int tp_backend_atfork(void (*prepare)(void), void (*parent)(void), void (*child)(void));
char *tp_backend_getenv(const char *name);
ssize_t tp_backend_readlink(const char *path, char *buffer, size_t bytes);
void *tp_backend_dlsym(void *handle, const char *name);
int tp_backend_open(const char *path, int flags, ...);
long tp_backend_syscall(long number, ...);
void *tp_backend_sbrk(intptr_t increment);
int tp_backend_getaffinity(pid_t pid, size_t bytes, cpu_set_t *set);
double tp_backend_log(double value);
double tp_backend_exp(double value);
double tp_backend_round(double value);

int tp_backend_atfork(void (*prepare)(void), void (*parent)(void), void (*child)(void))
{
	fork_prepare = prepare;
	fork_parent = parent;
	fork_child = child;
	return 0;
}

char *tp_backend_getenv(const char *name)
{
	(void)name;
	return NULL; /* MALLOC_CONF is the host's */
}

ssize_t tp_backend_readlink(const char *path, char *buffer, size_t bytes)
{
	(void)path, (void)buffer, (void)bytes;
	return -1; /* so is /etc/malloc.conf */
}

void *tp_backend_dlsym(void *handle, const char *name)
{
	(void)handle, (void)name;
	return NULL; /* jemalloc then uses the pthread_create it is linked to, and never calls it */
}

/*
 * jemalloc begins in the middle of a program, which may have closed its sandbox by then
 * and must not see a descriptor more. So it learns nothing of the system: not how memory
 * is overcommitted (read by a raw system call) or made of huge pages, which matters to
 * extents of its own alone; not the end of the heap, which it is not to use; and of the
 * CPUs that there are several, so that its locks spin.
 */
int tp_backend_open(const char *path, int flags, ...)
{
	(void)path, (void)flags;
	return -1;
}

long tp_backend_syscall(long number, ...)
{
	(void)number;
	return -1;
}

void *tp_backend_sbrk(intptr_t increment)
{
	(void)increment;
	return (void *)-1;
}

int tp_backend_getaffinity(pid_t pid, size_t bytes, cpu_set_t *set)
{
	(void)pid;
	CPU_ZERO_S(bytes, set);
	CPU_SET_S(0, bytes, set);
	CPU_SET_S(1, bytes, set);
	return 0;
}

/* For jemalloc's own profile, which is off: nothing calls them, and no process has to load libm. */
double tp_backend_log(double value)
{
	return value;
}

double tp_backend_exp(double value)
{
	return value;
}

double tp_backend_round(double value)
{
	return value;
}

static void *hook_alloc(
    struct extent_hooks *hooks, void *wanted, size_t bytes, size_t alignment, bool *zero, bool *commit, unsigned arena)
{
	(void)hooks, (void)arena;
	if (wanted)
		return NULL; /* only from the end of the region */
	void *memory = tp_region_commit(bytes, alignment);
	if (!memory)
		memory = tp_chunk_take_free(bytes, alignment); /* what slabs lay on is enough for it */
	if (memory)
		*zero = *commit = true;
	return memory;
}

static bool hook_purge(
    struct extent_hooks *hooks, void *extent, size_t bytes, size_t offset, size_t length, unsigned arena)
{
	(void)hooks, (void)bytes, (void)arena;
	if (!tp_region_purge((char *)extent + offset, length))
		return true;
	atomic_fetch_add_explicit(&returned_bytes, length, memory_order_relaxed);
	return false;
}

static bool hook_split(
    struct extent_hooks *hooks, void *extent, size_t bytes, size_t a, size_t b, bool committed, unsigned arena)
{
	(void)hooks, (void)extent, (void)bytes, (void)a, (void)b, (void)committed, (void)arena;
	return false;
}

static bool hook_merge(
    struct extent_hooks *hooks, void *a, size_t a_bytes, void *b, size_t b_bytes, bool committed, unsigned arena)
{
	(void)hooks, (void)a, (void)a_bytes, (void)b, (void)b_bytes, (void)committed, (void)arena;
	return false;
}

/* No dalloc and no decommit: addresses stay ours, only pages are given back. */
static struct extent_hooks region_hooks = {
	.alloc = hook_alloc,
	.purge_forced = hook_purge,
	.split = hook_split,
	.merge = hook_merge,
};

/*
 * jemalloc's first call, on its arena 0: it falls back on that one in a thread that is
 * exiting, whatever arena was asked for, so it has to stay inside the region too. Under
 * a lock that fork takes, though it maps memory: a child could else find jemalloc's own
 * lock held for ever, as fork takes that one only from now on.
 */
static bool wake(void)
{
	struct extent_hooks *hooks = &region_hooks;

	tp_lock_acquire(&wake_lock);
	bool is_awake = atomic_load_explicit(&awake, memory_order_relaxed) ||
			tpje_mallctl("arena.0.extent_hooks", NULL, NULL, &hooks, sizeof hooks) == 0;
	/* release: pairs with the acquire in tp_backend_trim */
	atomic_store_explicit(&awake, is_awake, memory_order_release);
	tp_lock_release(&wake_lock);
	return is_awake;
}

static unsigned create_arena(void)
{
	unsigned arena = NO_ARENA;
	size_t length = sizeof arena;
	struct extent_hooks *hooks = &region_hooks;

	if (!wake() || tpje_mallctl("arenas.create", &arena, &length, &hooks, sizeof hooks) != 0)
		return NO_ARENA;
	return arena;
}

/* jemalloc's arena of a slot of ours, created when first asked for. */
static unsigned arena_of(unsigned slot)
{
	/* acquire: pairs with the exchange below */
	unsigned arena = atomic_load_explicit(&arenas[slot], memory_order_acquire);

	if (arena != NO_ARENA)
		return arena;
	unsigned created = create_arena();
	/* Who comes second uses the first one's; an arena too many is only addresses. */
	if (atomic_compare_exchange_strong_explicit(
		&arenas[slot], &arena, created, memory_order_acq_rel, memory_order_acquire))
		return created;
	return arena;
}

static unsigned current_slot(void)
{
	int cpu = sched_getcpu();

	return cpu < 0 ? 0 : (unsigned)cpu % ARENA_COUNT;
}

/* From the CPU's arena, else from any other that exists. */
static void *allocate_anywhere(size_t bytes, int flags)
{
	unsigned first = current_slot(), arena = arena_of(first);
	void *block = arena != NO_ARENA ? tpje_mallocx(bytes, flags | FLAG_ARENA(arena)) : NULL;

	for (unsigned slot = 0; !block && slot < ARENA_COUNT; slot++) {
		/* acquire: pairs with the exchange in arena_of */
		arena = atomic_load_explicit(&arenas[slot], memory_order_acquire);
		if (slot != first && arena != NO_ARENA)
			block = tpje_mallocx(bytes, flags | FLAG_ARENA(arena));
	}
	return block;
}

static void *allocate(size_t bytes, int flags)
{
	void *block = allocate_anywhere(bytes, flags | FLAG_NO_TCACHE);

	if (block || bytes > tp_hot_region_bytes)
		return block;
	/* Unused ranges that lie side by side, some with pages and some without, join when purged. */
	tp_backend_trim();
	return allocate_anywhere(bytes, flags | FLAG_NO_TCACHE);
}

void *tp_backend_malloc(size_t bytes, size_t alignment, bool zero)
{
	void *block = allocate(bytes != 0 ? bytes : 1, FLAG_ALIGN(alignment) | (zero ? FLAG_ZERO : 0));

	if (!block)
		return NULL;
	atomic_fetch_add_explicit(&count_gets, 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&count_bytes, bytes, memory_order_relaxed);
	atomic_fetch_add_explicit(&count_live_bytes, tpje_sallocx(block, 0), memory_order_relaxed);
	return block;
}

void *tp_backend_realloc(void *block, size_t bytes)
{
	unsigned arena = arena_of(current_slot());
	size_t old_bytes = tpje_sallocx(block, 0);

	if (arena == NO_ARENA)
		return NULL;
	void *resized = tpje_rallocx(block, bytes, FLAG_NO_TCACHE | FLAG_ARENA(arena));
	if (!resized)
		return NULL;
	if (resized != block) {
		atomic_fetch_add_explicit(&count_gets, 1, memory_order_relaxed);
		atomic_fetch_add_explicit(&count_puts, 1, memory_order_relaxed);
		atomic_fetch_add_explicit(&count_bytes, bytes, memory_order_relaxed);
	}
	/* Modulo 2^64, so one addition serves growth and shrinkage. */
	atomic_fetch_add_explicit(&count_live_bytes, tpje_sallocx(resized, 0) - old_bytes, memory_order_relaxed);
	return resized;
}

void tp_backend_free(void *block)
{
	atomic_fetch_add_explicit(&count_puts, 1, memory_order_relaxed);
	atomic_fetch_sub_explicit(&count_live_bytes, tpje_sallocx(block, 0), memory_order_relaxed);
	tpje_dallocx(block, FLAG_NO_TCACHE);
}

size_t tp_backend_usable(const void *block)
{
	return tpje_sallocx(block, 0);
}

void *tp_backend_take_slab(size_t bytes, size_t alignment, bool zero)
{
	return allocate(bytes, FLAG_ALIGN(alignment) | (zero ? FLAG_ZERO : 0));
}

void tp_backend_give_slab(void *slab)
{
	tpje_dallocx(slab, FLAG_NO_TCACHE);
}

void tp_backend_trim(void)
{
	/* acquire: pairs with the release in wake */
	if (!atomic_load_explicit(&awake, memory_order_acquire))
		return;
	/* 4096 stands for all arenas (MALLCTL_ARENAS_ALL). */
	tpje_mallctl("arena.4096.purge", NULL, NULL, NULL, 0);
}

uint64_t tp_backend_returned_bytes(void)
{
	return atomic_load_explicit(&returned_bytes, memory_order_relaxed);
}

void tp_backend_read_counts(struct tp_backend_counts *counts)
{
	counts->gets = atomic_load_explicit(&count_gets, memory_order_relaxed);
	counts->puts = atomic_load_explicit(&count_puts, memory_order_relaxed);
	counts->bytes = atomic_load_explicit(&count_bytes, memory_order_relaxed);
	counts->live_bytes = atomic_load_explicit(&count_live_bytes, memory_order_relaxed);
}

void tp_backend_fork_prepare(void)
{
	tp_lock_acquire(&wake_lock);
	if (fork_prepare)
		fork_prepare();
}

void tp_backend_fork_parent(void)
{
	if (fork_parent)
		fork_parent();
	tp_lock_release(&wake_lock);
}

void tp_backend_fork_child(void)
{
	if (fork_child)
		fork_child();
	tp_lock_reset(&wake_lock);
}
