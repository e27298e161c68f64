/* Slab records by number. See record.h. */
#include "shim/heap/record.h"

#include "shim/base/lock.h"

#define STEP 1024U /* so many are made usable at once */
#define NO_NUMBER UINT32_MAX

static struct tp_lock number_lock;
static uint32_t number_count, usable_count;
static uint32_t first_free = NO_NUMBER; /* a list by the first word of each record */

void tp_record_start(void)
{
	if (tp_region_use_records(0, STEP))
		usable_count = STEP;
}

static uint32_t *next_free(uint32_t number)
{
	return tp_region_record(number);
}

/* A number that is usable and free; NO_NUMBER where first more have to be made usable than @usable. */
static uint32_t take_number(uint32_t *usable)
{
	uint32_t number = NO_NUMBER;

	tp_lock_acquire(&number_lock);
	*usable = usable_count;
	if (first_free != NO_NUMBER) {
		number = first_free;
		first_free = *next_free(number);
	} else if (number_count < usable_count) {
		number = number_count++;
	}
	tp_lock_release(&number_lock);
	return number;
}

void *tp_record_take(uint32_t granule)
{
	uint32_t number, usable;

	while ((number = take_number(&usable)) == NO_NUMBER) {
		/* Several threads may do this at once, for the same records: it harms nothing. */
		if (!tp_region_use_records(usable, STEP))
			return NULL;
		tp_lock_acquire(&number_lock);
		if (usable_count == usable)
			usable_count += STEP;
		tp_lock_release(&number_lock);
	}
	*tp_region_slab_number(granule) = number;
	return tp_region_record(number);
}

void tp_record_give(uint32_t granule)
{
	uint32_t number = *tp_region_slab_number(granule);

	tp_lock_acquire(&number_lock);
	*next_free(number) = first_free;
	first_free = number;
	tp_lock_release(&number_lock);
}

void tp_record_lock(void)
{
	tp_lock_acquire(&number_lock);
}

void tp_record_unlock(void)
{
	tp_lock_release(&number_lock);
}

void tp_record_reset_lock(void)
{
	tp_lock_reset(&number_lock);
}
