/* Size classes: the default sizes and settings, and the class of each size. See class.h. */
#include "policy/class.h"

#define SLAB_SMALL_BYTES 65536U
#define SLAB_LARGE_BYTES 262144U /* and more for objects over a fourth of it */
#define SLAB_SMALL_OBJECT_MAX 8192U /* bytes of an object; larger ones have large slabs */
#define CAPACITY_BYTES 131072U /* in a full stack; bench/run --only batch,mstress,rptest */
#define OVERFLOW_BYTES 2097152U /* in a full overflow; the same, and bench row glibc_simple */
#define CAPACITY_MIN 64U /* objects, in either, if these bytes are fewer */
#define REFILL_BYTES 16384U /* that a miss takes from the slabs; bench/micro/heap_growth.py */
#define REFILL_MIN 4U /* objects, if these bytes are fewer */
#define REFILL_LARGE_MIN 2U /* objects, above 64 KiB */
#define REFILL_MAX 128U /* objects, if these bytes are more */
#define LINE_BYTES 64U /* of the CPU's caches */
#define OWNED_BYTES_MAX 496U /* larger objects share too little with their neighbours; bench row larson */

_Static_assert(OWNED_BYTES_MAX >> TP_CLASS_GRAIN_SHIFT < TP_CLASS_OWNED_LIMIT, "no two classes have one size");

static uint32_t clamp(uint32_t value, uint32_t low, uint32_t high)
{
	if (value < low)
		return low;
	return value > high ? high : value;
}

static uint32_t slab_bytes_for(uint32_t object_bytes)
{
	uint32_t bytes = SLAB_LARGE_BYTES;

	if (object_bytes <= SLAB_SMALL_OBJECT_MAX)
		return SLAB_SMALL_BYTES;
	while (bytes < 4 * object_bytes)
		bytes *= 2;
	return bytes;
}

void tp_class_reset_settings(struct tp_class *c)
{
	uint32_t refill_min = c->object_bytes > SLAB_SMALL_BYTES ? REFILL_LARGE_MIN : REFILL_MIN;

	c->capacity = (uint16_t)clamp(CAPACITY_BYTES / c->object_bytes, CAPACITY_MIN, TP_CLASS_CAPACITY_MAX);
	c->refill_count = (uint16_t)clamp(REFILL_BYTES / c->object_bytes, refill_min, REFILL_MAX);
	c->warm_count = 0;
	c->capped = false;
}

/* Set what follows from the size of a class, and the default settings. */
static void describe(struct tp_class *c, uint32_t object_bytes)
{
	c->object_bytes = object_bytes;
	c->slab_bytes = slab_bytes_for(object_bytes);
	c->slab_objects = c->slab_bytes / object_bytes;
	c->reciprocal = ((UINT64_C(1) << 40) + object_bytes - 1) / object_bytes;
	tp_class_reset_settings(c);
}

/* The default size after @bytes. */
static uint32_t next_size(uint32_t bytes)
{
	static const uint8_t sixteenths[] = { 18, 20, 22, 25, 28, 32 };
	uint32_t octave = 256;

	if (bytes < 256)
		return bytes + 16;
	while (octave * 2 <= bytes)
		octave *= 2;
	for (size_t step = 0;; step++)
		if (octave / 16 * sixteenths[step] > bytes)
			return octave / 16 * sixteenths[step];
}

void tp_class_build(struct tp_classes *classes, size_t max_bytes, enum tp_class_zero zero)
{
	uint32_t bytes = 0;

	classes->count = 1;
	classes->row[0] = (struct tp_class){ 0 };
	while (bytes < max_bytes && bytes < TP_CLASS_BYTES_LIMIT) {
		struct tp_class *c = &classes->row[classes->count++];

		bytes = next_size(bytes);
		*c = (struct tp_class){ .mode = TP_CLASS_AUTO, .zero = (uint8_t)zero };
		describe(c, bytes);
	}
	classes->max_bytes = bytes;
	classes->slow = false;
	tp_class_index(classes);
}

unsigned tp_class_add(struct tp_classes *classes, uint32_t object_bytes)
{
	unsigned place = 1;

	while (classes->row[place].object_bytes < object_bytes)
		place++;
	struct tp_class *c = &classes->row[place];

	if (c->object_bytes == object_bytes)
		return place;
	if (classes->count == TP_CLASS_LIMIT)
		return 0;
	for (unsigned i = classes->count++; i > place; i--)
		classes->row[i] = classes->row[i - 1];
	*c = (struct tp_class){ .mode = c->mode, .zero = c->zero, .exact = true };
	describe(c, object_bytes);
	return place;
}

unsigned tp_class_next_capacity(const struct tp_class *c, unsigned capacity, unsigned limit)
{
	unsigned least = capacity > 0 ? 2 * capacity + 1 : c->refill_count;
	unsigned next = limit < c->capacity ? limit : c->capacity;

	if (next <= capacity)
		return capacity;
	/* Halve from the limit down, so that the last step of a growing stack is the limit itself. */
	while ((next - 1) / 2 >= least)
		next = (next - 1) / 2;
	return capacity == 0 || next >= least ? next : capacity;
}

static uint32_t overflow_capacity(const struct tp_class *c)
{
	if (c->capped)
		return c->capacity;
	return clamp(OVERFLOW_BYTES / c->object_bytes, CAPACITY_MIN, TP_CLASS_OVERFLOW_MAX);
}

void tp_class_index(struct tp_classes *classes)
{
	unsigned index = 1;

	for (unsigned i = 1; i < classes->count; i++) {
		struct tp_class *c = &classes->row[i];

		c->overflow_capacity = (uint16_t)overflow_capacity(c);
		c->slow_put = classes->slow || c->zero == TP_ZERO_PUT;
		c->owned = c->object_bytes <= OWNED_BYTES_MAX && c->object_bytes % LINE_BYTES != 0 && !c->slow_put &&
			   c->mode != TP_CLASS_NEVER;
	}

	/* A request of 0 bytes gets an object too, like one of 1 byte. */
	for (uint32_t grain = 0; grain <= classes->max_bytes >> TP_CLASS_GRAIN_SHIFT; grain++) {
		if (grain << TP_CLASS_GRAIN_SHIFT > classes->row[index].object_bytes)
			index++;
		bool slow_get = classes->slow || classes->row[index].zero == TP_ZERO_GET;
		classes->of_grain[grain] = (uint8_t)(index | (slow_get ? TP_CLASS_SLOW_GET : 0));
	}
}

void tp_class_slow_gets(struct tp_classes *classes)
{
	for (uint32_t grain = 0; grain <= classes->max_bytes >> TP_CLASS_GRAIN_SHIFT; grain++)
		classes->of_grain[grain] |= TP_CLASS_SLOW_GET;
}

unsigned tp_class_aligned(const struct tp_classes *classes, size_t bytes, size_t alignment)
{
	if (bytes > classes->max_bytes || alignment > SLAB_SMALL_BYTES)
		return 0;
	unsigned index = classes->of_grain[(bytes + 15) >> TP_CLASS_GRAIN_SHIFT] & ~TP_CLASS_SLOW_GET;

	/* A slab begins at a multiple of 64 KiB, so an object is aligned if its size is a multiple of the alignment. */
	while (index < classes->count && (classes->row[index].object_bytes & (alignment - 1)) != 0)
		index++;
	return index < classes->count ? index : 0;
}
