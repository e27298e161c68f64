/* Chunks: the bits of their granules. See chunk.h. */
#include "shim/heap/chunk.h"

#include <stdatomic.h>
#include <string.h>

#include "shim/heap/region.h"

#define GRANULE_BYTES ((size_t)1 << TP_REGION_GRANULE_SHIFT)
#define GRANULES 32U /* of a chunk; each is one bit of a word */
#define ALIGNMENT_BYTES (4 * GRANULE_BYTES) /* of every chunk, and so the largest alignment in a chunk */
#define CHUNK_COUNT TP_CHUNK_NUMBERS
#define ALL_FREE UINT32_MAX /* the bits of a chunk whose granules are all free */
#define NO_CHUNK UINT32_MAX /* no number */
#define RESERVED ((char *)1) /* the start of a chunk that is being added */

_Static_assert(TP_CHUNK_BYTES == GRANULES * GRANULE_BYTES, "a bit each in a word");

struct tp_lock tp_chunk_lock; /* of the variables below, but for returned_bytes */
static struct {
	char *start; /* NULL: no chunk has this number; RESERVED: a chunk is about to have it */
	uint32_t free_bits; /* granules that are free; 0 if no chunk has this number */
	uint32_t used_bits; /* granules that have been taken since their pages were last zero */
} chunks[CHUNK_COUNT];
static uint32_t chunk_count; /* one more than the highest number that a chunk has had */
static uint32_t lowest[GRANULES + 1]; /* [n]: no chunk with a lower number has n free granules side by side */
static _Atomic uint64_t returned_bytes; /* of pages that the kernel has taken back */

static unsigned granules_of(size_t bytes)
{
	return (unsigned)((bytes + GRANULE_BYTES - 1) / GRANULE_BYTES);
}

static uint32_t mask_of(unsigned granules)
{
	return granules == GRANULES ? ALL_FREE : (UINT32_C(1) << granules) - 1;
}

/* Return the places in @bits at which @granules free ones side by side begin, a bit each. */
static uint32_t places(uint32_t bits, unsigned granules)
{
	for (unsigned have = 1; have < granules;) {
		unsigned step = have < granules - have ? have : granules - have;

		bits &= bits >> step;
		have += step;
	}
	return bits;
}

/* Return those of the places that are a multiple of @alignment granules, a power of two. */
static uint32_t aligned_places(uint32_t bits, unsigned granules, unsigned alignment)
{
	return places(bits, granules) & (UINT32_MAX / mask_of(alignment));
}

/* Correct the hints after granules of a chunk have become free. */
static void note_free(uint32_t number)
{
	unsigned granules = 1;

	for (uint32_t bits = chunks[number].free_bits; bits != 0; bits &= bits >> 1, granules++)
		if (number < lowest[granules])
			lowest[granules] = number;
}

/* Take free granules of a chunk, a bit each. Returns whether their pages may hold something else than zeroes. */
static bool claim(uint32_t number, uint32_t bits)
{
	bool dirty = (chunks[number].used_bits & bits) != 0;

	chunks[number].free_bits &= ~bits;
	chunks[number].used_bits |= bits;
	return dirty;
}

static void *take_locked(unsigned granules, unsigned alignment, uint32_t *number, bool *dirty)
{
	uint32_t *hint = &lowest[granules];

	while (*hint < chunk_count && places(chunks[*hint].free_bits, granules) == 0)
		++*hint;
	for (uint32_t i = *hint; i < chunk_count; i++) {
		uint32_t found = aligned_places(chunks[i].free_bits, granules, alignment);

		if (found == 0)
			continue;
		unsigned place = (unsigned)__builtin_ctz(found);
		*dirty = claim(i, mask_of(granules) << place);
		*number = i;
		return chunks[i].start + place * GRANULE_BYTES;
	}
	return NULL;
}

/* Reserve a number that no chunk has, or return NO_CHUNK if every number is in use. */
static uint32_t take_number(void)
{
	uint32_t number = 0;

	while (number < chunk_count && chunks[number].start)
		number++;
	if (number == CHUNK_COUNT)
		return NO_CHUNK;
	chunk_count += number == chunk_count;
	chunks[number].start = RESERVED;
	return number;
}

/* Add a chunk of fresh memory. Called without the lock, as memory is mapped. Returns false if there is none. */
static bool add_chunk(void)
{
	tp_lock_acquire(&tp_chunk_lock);
	uint32_t number = take_number();
	tp_lock_release(&tp_chunk_lock);
	if (number == NO_CHUNK)
		return false;
	char *start = tp_region_commit(TP_CHUNK_BYTES, ALIGNMENT_BYTES);

	tp_lock_acquire(&tp_chunk_lock);
	chunks[number].start = start;
	if (start) {
		chunks[number].free_bits = ALL_FREE;
		chunks[number].used_bits = 0;
		note_free(number);
	}
	tp_lock_release(&tp_chunk_lock);
	return start != NULL;
}

void *tp_chunk_take(size_t bytes, size_t alignment, bool zero, uint32_t *number, bool *fresh)
{
	unsigned granules = granules_of(bytes);
	bool dirty = false;
	void *memory = NULL;

	if (bytes > TP_CHUNK_BYTES || alignment > ALIGNMENT_BYTES)
		return NULL;
	do {
		tp_lock_acquire(&tp_chunk_lock);
		memory = take_locked(granules, granules_of(alignment), number, &dirty);
		tp_lock_release(&tp_chunk_lock);
	} while (!memory && add_chunk());
	if (memory && zero && dirty)
		memset(memory, 0, bytes);
	*fresh = !dirty;
	return memory;
}

/* Return the granules that @bytes at @memory in a chunk cover, a bit each. */
static uint32_t bits_of(const void *memory, size_t bytes, uint32_t number)
{
	return mask_of(granules_of(bytes)) << (size_t)((const char *)memory - chunks[number].start) / GRANULE_BYTES;
}

void tp_chunk_give(void *memory, size_t bytes, uint32_t number)
{
	tp_lock_acquire(&tp_chunk_lock);
	chunks[number].free_bits |= bits_of(memory, bytes, number);
	note_free(number);
	tp_lock_release(&tp_chunk_lock);
}

bool tp_chunk_take_at(void *memory, size_t bytes, uint32_t number)
{
	tp_lock_acquire(&tp_chunk_lock);
	size_t offset = (size_t)((char *)memory - chunks[number].start);
	bool is_free =
	    offset + bytes <= TP_CHUNK_BYTES && (bits_of(memory, bytes, number) & ~chunks[number].free_bits) == 0;

	if (is_free)
		claim(number, bits_of(memory, bytes, number));
	tp_lock_release(&tp_chunk_lock);
	return is_free;
}

/*
 * Give the pages of the granules in @bits to the kernel, one call for each range. Returns the granules whose pages it
 * took: pages that mlock holds stay.
 */
static uint32_t purge(char *start, uint32_t bits)
{
	uint32_t purged = 0;

	while (bits != 0) {
		unsigned first = (unsigned)__builtin_ctz(bits);
		uint32_t rest = ~(bits >> first);
		unsigned count = rest ? (unsigned)__builtin_ctz(rest) : GRANULES - first;
		uint32_t range = mask_of(count) << first;

		if (tp_region_purge(start + first * GRANULE_BYTES, count * GRANULE_BYTES)) {
			atomic_fetch_add_explicit(&returned_bytes, count * GRANULE_BYTES, memory_order_relaxed);
			purged |= range;
		}
		bits &= ~range;
	}
	return purged;
}

/* Take the free granules of a chunk that may have pages, so that no other thread gets them. Returns a bit for each. */
static uint32_t detach(uint32_t number, char **start)
{
	tp_lock_acquire(&tp_chunk_lock);
	uint32_t bits = chunks[number].free_bits & chunks[number].used_bits;
	*start = chunks[number].start;
	chunks[number].free_bits &= ~bits;
	tp_lock_release(&tp_chunk_lock);
	return bits;
}

void tp_chunk_trim(void)
{
	for (uint32_t i = 0, count = tp_chunk_count(); i < count; i++) {
		char *start;
		uint32_t bits = detach(i, &start);

		if (bits == 0)
			continue;
		uint32_t purged = purge(start, bits);
		tp_lock_acquire(&tp_chunk_lock);
		chunks[i].free_bits |= bits;
		chunks[i].used_bits &= ~purged;
		note_free(i);
		tp_lock_release(&tp_chunk_lock);
	}
}

/* Return whether @count chunks from the number @first on are free and lie side by side. */
static bool is_free_range(uint32_t first, uint32_t count)
{
	for (uint32_t i = first; i < first + count; i++)
		if (chunks[i].free_bits != ALL_FREE ||
		    chunks[i].start != chunks[first].start + (size_t)(i - first) * TP_CHUNK_BYTES)
			return false;
	return true;
}

/* Remove @count free chunks that lie side by side for good: their numbers become free. Returns their start, or NULL. */
static char *detach_range(uint32_t count, size_t alignment, bool *dirty)
{
	for (uint32_t first = 0; first + count <= chunk_count; first++) {
		char *start = chunks[first].start;

		if (!start || (uintptr_t)start % alignment != 0 || !is_free_range(first, count))
			continue;
		for (uint32_t i = first; i < first + count; i++) {
			*dirty |= chunks[i].used_bits != 0;
			chunks[i].start = NULL;
			chunks[i].free_bits = 0;
		}
		return start;
	}
	return NULL;
}

void *tp_chunk_take_free(size_t bytes, size_t alignment)
{
	if (bytes > CHUNK_COUNT * TP_CHUNK_BYTES)
		return NULL;
	uint32_t count = (uint32_t)((bytes + TP_CHUNK_BYTES - 1) / TP_CHUNK_BYTES);
	bool dirty = false;

	tp_lock_acquire(&tp_chunk_lock);
	char *start = detach_range(count, alignment, &dirty);
	tp_lock_release(&tp_chunk_lock);
	/* The kernel's zeroes are cheaper, but locked pages can only be cleared. */
	if (start && dirty && !tp_region_purge(start, count * TP_CHUNK_BYTES))
		memset(start, 0, count * TP_CHUNK_BYTES);
	return start;
}

uint32_t tp_chunk_count(void)
{
	tp_lock_acquire(&tp_chunk_lock);
	uint32_t count = chunk_count;
	tp_lock_release(&tp_chunk_lock);
	return count;
}

char *tp_chunk_start(uint32_t number)
{
	tp_lock_acquire(&tp_chunk_lock);
	char *start = chunks[number].start;
	tp_lock_release(&tp_chunk_lock);
	return start == RESERVED ? NULL : start;
}

uint64_t tp_chunk_returned_bytes(void)
{
	return atomic_load_explicit(&returned_bytes, memory_order_relaxed);
}
