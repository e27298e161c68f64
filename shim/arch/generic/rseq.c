/* No restartable sections: every attempt is refused. See arch/rseq.h. */
#include "shim/arch/rseq.h"

bool tp_rseq_find_registration(intptr_t *area_offset, intptr_t *cpu_offset, bool *stays)
{
	(void)area_offset, (void)cpu_offset, (void)stays;
	return false;
}

bool tp_rseq_register(intptr_t area_offset)
{
	(void)area_offset;
	return false;
}

int tp_rseq_cpu(void)
{
	return -1;
}

size_t tp_rseq_push_batch(intptr_t stack, void *const *objects, size_t count)
{
	(void)stack, (void)objects, (void)count;
	return 0;
}

size_t tp_rseq_pop_batch(intptr_t stack, void **end, size_t count)
{
	(void)stack, (void)end, (void)count;
	return 0;
}

bool tp_rseq_move(intptr_t stack, const struct tp_rseq_move *move)
{
	(void)stack, (void)move;
	return false;
}
