/* libc's rseq registration: where it is, and which number it offers. See arch/rseq.h. */
#include <errno.h>
#include <sys/auxv.h>
#include <sys/rseq.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "shim/arch/rseq.h"

#ifndef AT_RSEQ_FEATURE_SIZE
#define AT_RSEQ_FEATURE_SIZE 27
#endif
#define FEATURE_BYTES_MM_CID 28 /* struct rseq up to and with mm_cid */
#define AREA_BYTES 32 /* what glibc registers, at least */

_Static_assert(offsetof(struct tp_rseq_move, cache) == TP_MOVE_CACHE, "rseq.S reads it there");
_Static_assert(offsetof(struct tp_rseq_move, header) == TP_MOVE_HEADER, "rseq.S reads it there");
_Static_assert(offsetof(struct tp_rseq_move, moved) == TP_MOVE_MOVED, "rseq.S reads it there");
_Static_assert(offsetof(struct tp_rseq_move, from) == TP_MOVE_FROM, "rseq.S reads it there");
_Static_assert(offsetof(struct tp_rseq_move, to) == TP_MOVE_TO, "rseq.S reads it there");
_Static_assert(offsetof(struct tp_rseq_move, count) == TP_MOVE_COUNT, "rseq.S reads it there");

static int32_t read_thread_word(intptr_t offset)
{
	int32_t value;

	__asm__ volatile("movl %%fs:(%1), %0" : "=r"(value) : "r"(offset) : "memory");
	return value;
}

bool tp_rseq_find_registration(intptr_t *area_offset, intptr_t *cpu_offset, bool *stays)
{
	if (__rseq_size == 0)
		return false;
	*area_offset = __rseq_offset;
	*cpu_offset = __rseq_offset + TP_RSEQ_CPU_ID;
	if (read_thread_word(*cpu_offset) < 0)
		return false;
	*stays = getauxval(AT_RSEQ_FEATURE_SIZE) >= FEATURE_BYTES_MM_CID;
	if (*stays)
		*cpu_offset = __rseq_offset + TP_RSEQ_MM_CID;
	return true;
}

bool tp_rseq_register(intptr_t area_offset)
{
	int saved_errno = errno;
	char *thread = __builtin_thread_pointer();
	long result = syscall(SYS_rseq, thread + area_offset, AREA_BYTES, 0, TP_RSEQ_SIGNATURE);
	bool registered = result == 0 || errno == EBUSY;

	errno = saved_errno;
	return registered;
}

int tp_rseq_cpu(void)
{
	intptr_t area = __atomic_load_n(&tp_hot_rseq_offset, __ATOMIC_RELAXED);

	if (read_thread_word(area + TP_RSEQ_CPU_ID) < 0)
		return -1;
	return read_thread_word(tp_hot_cpu_offset);
}
