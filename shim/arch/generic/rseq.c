/* No restartable sections: the hot words, and refusals. See arch/section.h. */
#include "shim/arch/rseq.h"
#include "shim/pool/cpus.h"

intptr_t tp_hot_rseq_offset;
intptr_t tp_hot_cpu_offset;
struct tp_cache *const *tp_hot_primary = tp_table_before_start;
uintptr_t tp_hot_region_base;
size_t tp_hot_region_bytes;
const uint8_t *tp_hot_class_map;
intptr_t tp_section_absent_offset;

bool tp_section_find_registration(intptr_t *area_offset, intptr_t *cpu_offset, bool *stays)
{
	(void)area_offset, (void)cpu_offset, (void)stays;
	return false;
}

bool tp_section_register(intptr_t area_offset)
{
	(void)area_offset;
	return false;
}

int tp_section_cpu(void)
{
	return -1;
}

size_t tp_section_fill(intptr_t stack, void *const *objects, size_t count)
{
	(void)stack, (void)objects, (void)count;
	return 0;
}

size_t tp_section_empty(intptr_t stack, void **end, size_t count)
{
	(void)stack, (void)end, (void)count;
	return 0;
}

bool tp_section_move(intptr_t stack, const struct tp_section_move *move)
{
	(void)stack, (void)move;
	return false;
}
