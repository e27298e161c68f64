/*
 * Offsets that the sections rely on, plain numbers for C and assembly alike:
 * struct rseq as in linux/rseq.h, and the stacks of shim/cache.h.
 */
#ifndef TP_RSEQ_LAYOUT_H
#define TP_RSEQ_LAYOUT_H

#define TP_RSEQ_CPU_ID 4
#define TP_RSEQ_CS 8
#define TP_RSEQ_MM_CID 24
#define TP_RSEQ_SIGNATURE 0x53053053

#define TP_STACK_STRIDE_MASK 511

#endif
