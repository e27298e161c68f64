/* Size classes: the table, and the class of an aligned request. See class.h. */
#include "policy/class.h"

#define SLAB_SMALL_BYTES 65536U
#define SLAB_LARGE_BYTES 262144U
#define SLAB_SMALL_OBJECT_MAX 8192U
#define CAPACITY_BYTES 4194304U /* a full stack of one class holds at most this */
#define CAPACITY_MIN 64U
#define REFILL_BYTES 16384U /* a miss takes about this much at once */
#define REFILL_MIN 4U
#define REFILL_MAX 128U

static uint32_t clamp(uint32_t value, uint32_t low, uint32_t high)
{
	if (value < low)
		return low;
	return value > high ? high : value;
}

static void describe(struct tp_class *c, uint32_t object_bytes)
{
	c->object_bytes = object_bytes;
	c->slab_bytes = object_bytes > SLAB_SMALL_OBJECT_MAX ? SLAB_LARGE_BYTES : SLAB_SMALL_BYTES;
	c->slab_objects = c->slab_bytes / object_bytes;
	c->capacity = (uint16_t)clamp(CAPACITY_BYTES / object_bytes, CAPACITY_MIN, TP_CLASS_CAPACITY_MAX);
	c->refill_count = (uint16_t)clamp(REFILL_BYTES / object_bytes, REFILL_MIN, REFILL_MAX);
	c->reciprocal = ((UINT64_C(1) << 40) + object_bytes - 1) / object_bytes;
}

void tp_class_build(struct tp_classes *classes)
{
	static const uint8_t sixteenths[] = { 18, 20, 22, 25, 28, 32 };
	unsigned index = 0;

	classes->row[index++] = (struct tp_class){ 0 };
	for (uint32_t bytes = 16; bytes <= 256; bytes += 16)
		describe(&classes->row[index++], bytes);
	for (uint32_t octave = 256; octave < TP_CLASS_MAX_BYTES; octave *= 2)
		for (size_t step = 0; step < sizeof sixteenths; step++)
			describe(&classes->row[index++], octave / 16 * sixteenths[step]);

	/* A request of 0 bytes is served like one of 1: a unique object. */
	index = 1;
	for (uint32_t grain = 0; grain < TP_CLASS_INDEX_COUNT; grain++) {
		if (grain << TP_CLASS_GRAIN_SHIFT > classes->row[index].object_bytes)
			index++;
		classes->of_grain[grain] = (uint8_t)index;
	}
}

unsigned tp_class_aligned(const struct tp_classes *classes, size_t bytes, size_t alignment)
{
	if (bytes > TP_CLASS_MAX_BYTES || alignment > SLAB_SMALL_BYTES)
		return 0;
	unsigned index = classes->of_grain[(bytes + 15) >> TP_CLASS_GRAIN_SHIFT];

	/* Slabs are aligned to 64 KiB, so an object is aligned as its size is. */
	while (index < TP_CLASS_COUNT && (classes->row[index].object_bytes & (alignment - 1)) != 0)
		index++;
	return index < TP_CLASS_COUNT ? index : 0;
}
