/*
 * Restartable sections of the hot path: pop and push one object on the stack of
 * the CPU the thread runs on.
 *
 * A section is aborted by the kernel when the thread is preempted, migrated or
 * signalled inside it, and starts again; its one store to the header commits.
 * A thread without a registration (cpu_id below 0), and every thread until start
 * has run, never enters one. Nothing of the rseq area is written but rseq_cs.
 */
#ifndef TP_RSEQ_FAST_H
#define TP_RSEQ_FAST_H

#include <stdbool.h>
#include <stddef.h>

#include "shim/arch/x86_64/layout.h"
#include "shim/base/hot.h"

#define TP_STRING_(x) #x
#define TP_STRING(x) TP_STRING_(x)

/* The columns are assembly's. */
/* clang-format off */

/*
 * [area] = thread offset of struct rseq, [slot] = that of the cache's number;
 * leave when the thread has no CPU. Announce the section 1..2 with its abort
 * handler 4, which starts again at 5.
 */
#define TP_RSEQ_BEGIN							\
	"5:	movq	tp_hot_rseq_offset(%%rip), %[area]\n"			\
	"	movq	tp_hot_cpu_offset(%%rip), %[slot]\n"			\
	"	cmpl	$0, %%fs:" TP_STRING(TP_RSEQ_CPU_ID) "(%[area])\n"	\
	"	js	%l[refused]\n"						\
	"	.pushsection __rseq_cs, \"aw\"\n"				\
	"	.balign	32\n"							\
	"3:	.long	0, 0\n"							\
	"	.quad	1f, 2f - 1f, 4f\n"					\
	"	.popsection\n"							\
	"	.pushsection .text.unlikely, \"ax\"\n"				\
	"	.byte	0x0f, 0xb9, 0x3d\n"					\
	"	.long	" TP_STRING(TP_RSEQ_SIGNATURE) "\n"			\
	"4:	jmp	5b\n"							\
	"	.popsection\n"							\
	"	leaq	3b(%%rip), %[cpu]\n"					\
	"	movq	%[cpu], %%fs:" TP_STRING(TP_RSEQ_CS) "(%[area])\n"	\
	"1:\n"

/* [cpu] = number of this CPU's cache; [cache] = the cache. */
#define TP_RSEQ_LOAD_CACHE							\
	"	movl	%%fs:(%[slot]), %k[cpu]\n"				\
	"	movq	tp_hot_primary(%%rip), %[cache]\n"			\
	"	movq	(%[cache], %[cpu], 8), %[cache]\n"

/* Of the stack numbered @number: [header] = address of its header; [cpu] = the header; [slot] = next free slot. */
#define TP_RSEQ_LOAD_HEADER(number)						\
	"	movq	" TP_RSEQ_HEADER(number) ", %[cpu]\n"		\
	"	leaq	" TP_RSEQ_HEADER(number) ", %[header]\n"		\
	TP_RSEQ_DELAY							\
	"	movzwl	%w[cpu], %k[slot]\n"

#define TP_RSEQ_HEADER(number) TP_STRING(TP_CACHE_HEADERS) "(%[cache], %[" number "], 8)"

/* A test build stretches every section, so that preemption falls inside. */
#ifdef TP_TEST_DELAY
#define TP_RSEQ_DELAY							\
	"	movl	$" TP_STRING(TP_TEST_DELAY) ", %k[slot]\n"		\
	"7:	pause\n"							\
	"	decl	%k[slot]\n"						\
	"	jnz	7b\n"
#else
#define TP_RSEQ_DELAY ""
#endif

/*
 * Pop the newest object of a class off this CPU's stack.
 * Returns the object, or NULL when the stack is empty, closed or there is no registration.
 * Cost: 17 instructions, one store that matters. Threads: any.
 */
static inline __attribute__((always_inline)) void *tp_rseq_pop(size_t class_index)
{
	void *object;
	uintptr_t area, cpu, cache, header, slot;

	__asm__ volatile goto (
	    TP_RSEQ_BEGIN
	    TP_RSEQ_LOAD_CACHE
	    TP_RSEQ_LOAD_HEADER("class_index")
	    "	movq	-8(%[cache], %[slot], 8), %[object]\n"
	    "	testq	%[object], %[object]\n"
	    "	jz	%l[refused]\n"
	    "	addq	$0xffff, %[cpu]\n"	/* depth - 1, operations + 1 */
	    "	movq	%[cpu], (%[header])\n"
	    "2:\n"
	    : [object] "=&a" (object), [area] "=&r" (area), [cpu] "=&r" (cpu), [cache] "=&r" (cache),
	      [header] "=&r" (header), [slot] "=&r" (slot)
	    : [class_index] "r" (class_index)
	    : "memory", "cc"
	    : refused);
	if (!object)
		__builtin_unreachable();   /* the section has left by "refused" */
	return object;
refused:
	return NULL;
}

/* Store the object, unless the stack is full; commit. */
#define TP_RSEQ_STORE_OBJECT							\
	"	cmpq	$" TP_STRING(TP_STACK_END) ", (%[cache], %[slot], 8)\n"	\
	"	je	%l[refused]\n"						\
	"	movq	%[object], (%[cache], %[slot], 8)\n"			\
	"	addq	$0x10001, %[cpu]\n"	/* depth + 1, operations + 1 */	\
	"	movq	%[cpu], (%[header])\n"					\
	"2:\n"

/*
 * Push @object on a stack of this CPU's.
 * Returns false when the stack is full, closed or there is no registration.
 * Cost: 17 instructions, two stores. Threads: any.
 */
static inline __attribute__((always_inline)) bool tp_rseq_push(intptr_t stack, void *object)
{
	uintptr_t area, cpu, cache, header, slot;

	__asm__ volatile goto (
	    TP_RSEQ_BEGIN
	    TP_RSEQ_LOAD_CACHE
	    TP_RSEQ_LOAD_HEADER("stack")
	    TP_RSEQ_STORE_OBJECT
	    : [area] "=&r" (area), [cpu] "=&r" (cpu), [cache] "=&r" (cache),
	      [header] "=&r" (header), [slot] "=&r" (slot)
	    : [stack] "r" (stack), [object] "r" (object)
	    : "memory", "cc"
	    : refused);
	return true;
refused:
	return false;
}

/*
 * Push @object on the stack that this CPU's routes have for its granule (route.h): that of its class;
 * that of the remotes, if another CPU is its owner. Returns as push, and false for a class whose puts are slow.
 * Cost: 19 instructions, two stores. Threads: any.
 */
static inline __attribute__((always_inline)) bool tp_rseq_put(size_t granule, void *object)
{
	uintptr_t area, cpu, cache, header, slot;

	__asm__ volatile goto (
	    TP_RSEQ_BEGIN
	    TP_RSEQ_LOAD_CACHE
	    "	movq	" TP_STRING(TP_CACHE_ROUTES) "(%[cache]), %[slot]\n"
	    "	movsbq	(%[slot], %[granule]), %[slot]\n"
	    TP_RSEQ_LOAD_HEADER("slot")
	    TP_RSEQ_STORE_OBJECT
	    : [area] "=&r" (area), [cpu] "=&r" (cpu), [cache] "=&r" (cache),
	      [header] "=&r" (header), [slot] "=&r" (slot)
	    : [granule] "r" (granule), [object] "r" (object)
	    : "memory", "cc"
	    : refused);
	return true;
refused:
	return false;
}

/* clang-format on */

#endif
