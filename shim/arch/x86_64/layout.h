/*
 * The offsets that the sections rely on, as plain numbers for C and assembly alike: of struct rseq (linux/rseq.h), of
 * a cache (pool/cache.h), of struct tp_rseq_move (arch/rseq.h). cache.c and rseq.c check them.
 */
#ifndef TP_RSEQ_LAYOUT_H
#define TP_RSEQ_LAYOUT_H

#define TP_RSEQ_CPU_ID 4
#define TP_RSEQ_CS 8
#define TP_RSEQ_MM_CID 24
#define TP_RSEQ_SIGNATURE 0x53053053

#define TP_STACK_END 1 /* the word after a stack's last slot */
#define TP_CACHE_ROUTES 0
#define TP_CACHE_HEADERS 512 /* of stack 0; stacks of remote objects have negative numbers, and lie before it */

#define TP_MOVE_CACHE 0
#define TP_MOVE_HEADER 8
#define TP_MOVE_MOVED 16
#define TP_MOVE_FROM 24
#define TP_MOVE_TO 32
#define TP_MOVE_COUNT 40

#endif
