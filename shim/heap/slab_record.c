/* Slab records: which numbers are free. See slab_record.h. */
#include "shim/heap/slab_record.h"

#include <sys/mman.h>

#include "shim/base/lock.h"
#include "shim/heap/pagemap.h"

#define STEP 1024U /* records that are made usable at a time */
#define NO_NUMBER UINT32_MAX /* no record */

unsigned char *tp_slab_record_first;
size_t tp_slab_record_stride;
static uintptr_t reserved_end; /* of the records' addresses */

struct tp_lock tp_slab_record_lock; /* of the variables below */
static uint32_t number_count, usable_count; /* records that were ever taken; records whose memory is usable */
static uint32_t first_free = NO_NUMBER; /* of the list of free numbers; the first word of a free record is the next */

void tp_slab_record_place(unsigned char *start, uintptr_t end, size_t record_bytes)
{
	tp_slab_record_first = start;
	tp_slab_record_stride = record_bytes;
	reserved_end = end;
}

void tp_slab_record_shrink(size_t granules)
{
	uintptr_t tail = tp_region_whole_pages((uintptr_t)tp_slab_record_at(granules));

	/* Up to where it is still ours: what an earlier shrink gave back may be the program's by now. */
	if (tail >= reserved_end)
		return;
	munmap((void *)tail, reserved_end - tail);
	reserved_end = tail;
}

bool tp_slab_record_use(size_t first, size_t count)
{
	size_t most = tp_hot_region_bytes >> TP_REGION_GRANULE_SHIFT;

	if (first >= most)
		return false;
	if (count > most - first)
		count = most - first;
	return tp_region_make_usable((uintptr_t)tp_slab_record_at(first), (uintptr_t)tp_slab_record_at(first + count));
}

void tp_slab_record_start(void)
{
	if (tp_slab_record_use(0, STEP))
		usable_count = STEP;
}

static uint32_t *next_free(uint32_t number)
{
	return tp_slab_record_at(number);
}

/* Take a free number below the usable count. Returns NO_NUMBER if there is none. Sets @usable to that count. */
static uint32_t take_number(uint32_t *usable)
{
	uint32_t number = NO_NUMBER;

	tp_lock_acquire(&tp_slab_record_lock);
	*usable = usable_count;
	if (first_free != NO_NUMBER) {
		number = first_free;
		first_free = *next_free(number);
	} else if (number_count < usable_count) {
		number = number_count++;
	}
	tp_lock_release(&tp_slab_record_lock);
	return number;
}

void *tp_slab_record_take(uint32_t granule)
{
	uint32_t number, usable;

	while ((number = take_number(&usable)) == NO_NUMBER) {
		/* Several threads may make the same records usable at once, which does no harm. */
		if (!tp_slab_record_use(usable, STEP))
			return NULL;
		tp_lock_acquire(&tp_slab_record_lock);
		if (usable_count == usable)
			usable_count += STEP;
		tp_lock_release(&tp_slab_record_lock);
	}
	*tp_pagemap_word(granule) = number;
	return tp_slab_record_at(number);
}

void tp_slab_record_give(uint32_t granule)
{
	uint32_t number = *tp_pagemap_word(granule);

	tp_lock_acquire(&tp_slab_record_lock);
	*next_free(number) = first_free;
	first_free = number;
	tp_lock_release(&tp_slab_record_lock);
}
