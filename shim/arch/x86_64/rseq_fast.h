/*
 * The restartable sections of the hot path: pop one object, push one object.
 *
 * The kernel aborts a section whose thread is preempted, migrated or signalled inside it; the section then starts
 * again. Its last instruction stores the header of a stack: this one store commits the operation and counts it. A
 * thread without a registration (cpu_id below 0) enters no section, and before start no thread does. Of the rseq
 * area only rseq_cs is written: a kernel (6.19) broke an allocator that wrote more. Source: rseq(2).
 */
#ifndef TP_RSEQ_FAST_H
#define TP_RSEQ_FAST_H

#include <stdbool.h>
#include <stddef.h>

#include "shim/arch/x86_64/layout.h"
#include "shim/base/hot.h"

#define TP_STRING_(x) #x
#define TP_STRING(x) TP_STRING_(x)

/*
 * The operands of every section:
 *
 *	[area]   the thread offset of struct rseq
 *	[cache]  the cache of this CPU
 *	[addr]   the address of a stack's header
 *	[word]   the number of this CPU, then the header:  | operations (48 bits) | slot (16 bits) |
 *	[tmp]    the thread offset of the number, then the slot's index: the first free slot of the stack
 *
 * The local labels: 5 the start of an attempt, 1 to 2 the section, 3 its descriptor, 4 its abort handler, 7 the
 * delay of a test build.
 */

/* The columns are assembly's. */
/* clang-format off */

/*
 * tmp = offset of the number
 * if this thread has no registration: goto refused
 * rseq->rseq_cs = the descriptor of the section from 1 to 2
 *
 * The kernel finds the abort handler only after the signature, four bytes that no other code has: nobody can make
 * it jump anywhere else. They read as an undefined instruction (ud1). The handler is out of the way, in .text.unlikely.
 * rseq_cs is not cleared at the end: the kernel sees by the instruction pointer that the section has been left.
 */
#define TP_RSEQ_BEGIN								\
	"5:	movq	tp_hot_rseq_offset(%%rip), %[area]\n"			\
	"	movq	tp_hot_cpu_offset(%%rip), %[tmp]\n"			\
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
	"	leaq	3b(%%rip), %[word]\n"					\
	"	movq	%[word], %%fs:" TP_STRING(TP_RSEQ_CS) "(%[area])\n"	\
	"1:\n"

/*
 * word = the number of this CPU
 * cache = primary[word]
 *
 * Both are read inside the section: a turn of the generations that publishes another table is followed by a fence
 * that aborts the sections which have read the old one. Nothing is compared with a bound: the table has an entry for
 * every number that the kernel can give, and no entry is NULL.
 */
#define TP_RSEQ_LOAD_CACHE							\
	"	movl	%%fs:(%[tmp]), %k[word]\n"				\
	"	movq	tp_hot_primary(%%rip), %[cache]\n"			\
	"	movq	(%[cache], %[word], 8), %[cache]\n"

/*
 * addr = &cache->headers[number]
 * word = *addr
 * tmp = word & 0xffff
 *
 * The store of the header goes through its plain address. With an index register in the store too, a malloc and its
 * free took 10.3 ns instead of 6.0 on Sapphire Rapids: that core then forwards the store late to the next load of the
 * same header.
 */
#define TP_RSEQ_LOAD_HEADER(number)						\
	"	movq	" TP_RSEQ_HEADER(number) ", %[word]\n"			\
	"	leaq	" TP_RSEQ_HEADER(number) ", %[addr]\n"			\
	TP_RSEQ_DELAY								\
	"	movzwl	%w[word], %k[tmp]\n"

#define TP_RSEQ_HEADER(number) TP_STRING(TP_CACHE_HEADERS) "(%[cache], %[" number "], 8)"

/* A test build stretches every section, so that preemption falls inside. */
#ifdef TP_TEST_DELAY
#define TP_RSEQ_DELAY								\
	"	movl	$" TP_STRING(TP_TEST_DELAY) ", %k[tmp]\n"		\
	"7:	pause\n"							\
	"	decl	%k[tmp]\n"						\
	"	jnz	7b\n"
#else
#define TP_RSEQ_DELAY ""
#endif

/*
 * Pop the newest object off the stack of @class_index on this CPU.
 * Returns the object, or NULL if the stack is empty or closed, or the thread has no registration.
 * Threads: any. Cost: 17 instructions.
 *
 *	object = cache[slot - 1]                below the lowest slot stands NULL: an empty stack needs no other test
 *	if object is NULL: goto refused
 *	header += (1 operation, -1 slot)        commits
 */
static inline __attribute__((always_inline)) void *tp_rseq_pop(size_t class_index)
{
	void *object;
	uintptr_t area, cache, addr, word, tmp;

	__asm__ volatile goto (
	    TP_RSEQ_BEGIN
	    TP_RSEQ_LOAD_CACHE
	    TP_RSEQ_LOAD_HEADER("class_index")
	    "	movq	-8(%[cache], %[tmp], 8), %[object]\n"
	    "	testq	%[object], %[object]\n"
	    "	jz	%l[refused]\n"
	    "	addq	$0xffff, %[word]\n"
	    "	movq	%[word], (%[addr])\n"
	    "2:\n"
	    : [object] "=&a" (object), [area] "=&r" (area), [word] "=&r" (word), [cache] "=&r" (cache),
	      [addr] "=&r" (addr), [tmp] "=&r" (tmp)
	    : [class_index] "r" (class_index)
	    : "memory", "cc"
	    : refused);
	if (!object)
		__builtin_unreachable();   /* the section has left by "refused" */
	return object;
refused:
	return NULL;
}

/*
 * if cache[slot] is the end: goto refused      a full stack needs no other test
 * cache[slot] = object                         without the commit this slot is free, whatever it holds
 * header += (1 operation, 1 slot)              commits
 */
#define TP_RSEQ_STORE_OBJECT							\
	"	cmpq	$" TP_STRING(TP_STACK_END) ", (%[cache], %[tmp], 8)\n"	\
	"	je	%l[refused]\n"						\
	"	movq	%[object], (%[cache], %[tmp], 8)\n"			\
	"	addq	$0x10001, %[word]\n"					\
	"	movq	%[word], (%[addr])\n"					\
	"2:\n"

/*
 * Push @object on the stack numbered @stack on this CPU.
 * Returns false if the stack is full or closed, or the thread has no registration.
 * Threads: any. Cost: 17 instructions.
 */
static inline __attribute__((always_inline)) bool tp_rseq_push(intptr_t stack, void *object)
{
	uintptr_t area, cache, addr, word, tmp;

	__asm__ volatile goto (
	    TP_RSEQ_BEGIN
	    TP_RSEQ_LOAD_CACHE
	    TP_RSEQ_LOAD_HEADER("stack")
	    TP_RSEQ_STORE_OBJECT
	    : [area] "=&r" (area), [word] "=&r" (word), [cache] "=&r" (cache),
	      [addr] "=&r" (addr), [tmp] "=&r" (tmp)
	    : [stack] "r" (stack), [object] "r" (object)
	    : "memory", "cc"
	    : refused);
	return true;
refused:
	return false;
}

/*
 * Push @object on the stack that the routes of this CPU name for its granule (heap/pagemap.h): the stack of its
 * class, or of its class's remote objects if another CPU owns its slab.
 * Returns false as tp_rseq_push does, and for a class whose puts are slow.
 * Threads: any. Cost: 19 instructions.
 *
 *	stack = cache->routes[granule]          in tmp; read inside the section, as it depends on the CPU
 *	push as above
 */
static inline __attribute__((always_inline)) bool tp_rseq_put(size_t granule, void *object)
{
	uintptr_t area, cache, addr, word, tmp;

	__asm__ volatile goto (
	    TP_RSEQ_BEGIN
	    TP_RSEQ_LOAD_CACHE
	    "	movq	" TP_STRING(TP_CACHE_ROUTES) "(%[cache]), %[tmp]\n"
	    "	movsbq	(%[tmp], %[granule]), %[tmp]\n"
	    TP_RSEQ_LOAD_HEADER("tmp")
	    TP_RSEQ_STORE_OBJECT
	    : [area] "=&r" (area), [word] "=&r" (word), [cache] "=&r" (cache),
	      [addr] "=&r" (addr), [tmp] "=&r" (tmp)
	    : [granule] "r" (granule), [object] "r" (object)
	    : "memory", "cc"
	    : refused);
	return true;
refused:
	return false;
}

/* clang-format on */

#endif
