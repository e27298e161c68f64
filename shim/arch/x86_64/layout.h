/*
 * Offsets that the sections rely on, plain numbers for C and assembly alike: struct
 * rseq as in linux/rseq.h, the stacks of shim/pool/cache.h, struct tp_rseq_move.
 */
#ifndef TP_RSEQ_LAYOUT_H
#define TP_RSEQ_LAYOUT_H

#define TP_RSEQ_CPU_ID 4
#define TP_RSEQ_CS 8
#define TP_RSEQ_MM_CID 24
#define TP_RSEQ_SIGNATURE 0x53053053

#define TP_STACK_END 1 /* what stands behind a stack's last slot */
#define TP_CACHE_ROUTES 0
#define TP_CACHE_HEADERS 512 /* that of stack 0; those of remotes, whose numbers are negative, lie before it */

#define TP_MOVE_CACHE 0
#define TP_MOVE_HEADER 8
#define TP_MOVE_MOVED 16
#define TP_MOVE_FROM 24
#define TP_MOVE_TO 32
#define TP_MOVE_COUNT 40

#endif
