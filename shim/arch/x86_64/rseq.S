/*
 * Restartable sections that move several objects, and where a thread's area is found before start.
 *
 * Each is one attempt on the stack of the CPU it runs on, restarted when aborted,
 * with one committing store, last.
 */
#include "shim/arch/x86_64/layout.h"

/* A thread's area before start, and for good where rseq is missing: no CPU. */
	.section .tdata, "awT", @progbits
	.balign	32
	.hidden	tp_rseq_absent
	.globl	tp_rseq_absent
	.type	tp_rseq_absent, @object
	.size	tp_rseq_absent, 32
tp_rseq_absent:
	.long	0, -1			/* cpu_id_start, cpu_id */
	.quad	0, 0, 0

/*
 * The first call of malloc may come before any constructor. So the offsets are set while the library is relocated:
 * by the resolver of an indirect function, which the loader calls after all other relocations of the library.
 */
	.text
	.type	tp_rseq_at_relocation, @gnu_indirect_function
	.balign	16
tp_rseq_at_relocation:
	.cfi_startproc
	movq	tp_rseq_absent@gottpoff(%rip), %rax
	movq	%rax, tp_hot_absent_offset(%rip)
	movq	%rax, tp_hot_rseq_offset(%rip)
	movq	%rax, tp_hot_cpu_offset(%rip)
	leaq	tp_rseq_at_relocation(%rip), %rax
	ret
	.cfi_endproc
	.size	tp_rseq_at_relocation, . - tp_rseq_at_relocation

	.section .data.rel.ro, "aw", @progbits
	.balign	8
	.quad	tp_rseq_at_relocation	/* makes the loader call the resolver */

.macro DESCRIPTOR name, start, end, abort
	.pushsection __rseq_cs, "aw"
	.balign	32
\name:	.long	0, 0
	.quad	\start, \end - \start, \abort
	.popsection
.endm

.macro ABORT name, restart
	.byte	0x0f, 0xb9, 0x3d
	.long	TP_RSEQ_SIGNATURE
\name:	jmp	\restart
.endm

/* A test build stretches every section, so that preemption falls inside. */
.macro DELAY register
#ifdef TP_TEST_DELAY
	movl	$TP_TEST_DELAY, \register
7:	pause
	decl	\register
	jnz	7b
#endif
.endm

/*
 * What every section begins with; rdi has the stack's number.
 *
 *	if this thread has no registration: return 0
 *	rseq->rseq_cs = the section's descriptor
 *	r8 = cache = primary[number of this CPU]
 *	r9 = &cache->headers[stack]; r10 = header; r11 = slot = header & 0xffff
 *
 * Why all of it is read inside the section: see rseq_fast.h.
 */
.macro ENTER name
	movq	tp_hot_rseq_offset(%rip), %rcx
	cmpl	$0, %fs:TP_RSEQ_CPU_ID(%rcx)
	js	.L\name\()_none
	leaq	.L\name\()_cs(%rip), %rax
	movq	%rax, %fs:TP_RSEQ_CS(%rcx)
.L\name\()_start:
	movq	tp_hot_cpu_offset(%rip), %rax
	movl	%fs:(%rax), %eax
	movq	tp_hot_primary(%rip), %r8
	movq	(%r8, %rax, 8), %r8
	leaq	TP_CACHE_HEADERS(%r8, %rdi, 8), %r9
	movq	(%r9), %r10
	DELAY	%eax
	movzwl	%r10w, %r11d
.endm

.macro FUNCTION name
	.globl	tp_rseq_\name
	.hidden	tp_rseq_\name
	.type	tp_rseq_\name, @function
	.balign	16
tp_rseq_\name:
	.cfi_startproc
	ENTER	\name
.endm

/*
 * What every section ends with: the one store that commits, then the two ways out, with the result in rax or with 0.
 * The signature before the abort handler lets the kernel jump there.
 */
.macro COMMIT name
	movq	%r10, (%r9)
.L\name\()_end:
	ret
.L\name\()_none:
	xorl	%eax, %eax
	ret
	ABORT	.L\name\()_abort, tp_rseq_\name
	.cfi_endproc
	.size	tp_rseq_\name, . - tp_rseq_\name
	DESCRIPTOR .L\name\()_cs, .L\name\()_start, .L\name\()_end, .L\name\()_abort
.endm

	.section .rodata.cst16, "aM", @progbits, 16
	.balign	16
ends:	.long	TP_STACK_END, TP_STACK_END, TP_STACK_END, TP_STACK_END

	.text

/*
 * size_t tp_rseq_push_batch(intptr_t stack, void *const *objects, size_t count)
 *
 *	cache = primary[cpu]; header = cache->headers[stack]; slot = header & 0xffff
 *	n = 0
 *	while n < count and slots[slot+n] is not the end: slots[slot+n] = objects[n]; n++
 *	cache->headers[stack] = header + n    commit; operations are not counted
 *	return n                              0 when full or closed
 */
	FUNCTION push_batch
	leaq	(%r8, %r11, 8), %r8
	cmpq	$TP_STACK_END, (%r8)
	je	.Lpush_batch_none	/* closed: nothing may be read after its end */
	movdqa	ends(%rip), %xmm2
	xorl	%eax, %eax
3:	leaq	4(%rax), %rcx		/* four at a time, while no end can be among them */
	cmpq	%rdx, %rcx
	ja	1f
	movdqu	(%r8, %rax, 8), %xmm0
	movdqu	16(%r8, %rax, 8), %xmm1
	shufps	$0x88, %xmm1, %xmm0
	pcmpeqd	%xmm2, %xmm0
	pmovmskb %xmm0, %r11d
	testl	%r11d, %r11d
	jnz	1f
	movdqu	(%rsi, %rax, 8), %xmm0
	movdqu	16(%rsi, %rax, 8), %xmm1
	movdqu	%xmm0, (%r8, %rax, 8)
	movdqu	%xmm1, 16(%r8, %rax, 8)
	movq	%rcx, %rax
	jmp	3b
1:	cmpq	%rdx, %rax
	jae	2f
	cmpq	$TP_STACK_END, (%r8, %rax, 8)
	je	2f
	movq	(%rsi, %rax, 8), %r11
	movq	%r11, (%r8, %rax, 8)
	incq	%rax
	jmp	1b
2:	testq	%rax, %rax
	jz	.Lpush_batch_none
	DELAY	%ecx
	addq	%rax, %r10
	COMMIT	push_batch

/*
 * size_t tp_rseq_pop_batch(intptr_t stack, void **end, size_t count)
 *
 *	cache = primary[cpu]; header = cache->headers[stack]; slot = header & 0xffff
 *	n = 0
 *	while n < count and slots[slot-1-n] is not NULL: n++; end[-n] = slots[slot-n]
 *	cache->headers[stack] = header - n    commit; operations are not counted
 *	return n                              0 when empty or closed
 *
 * The objects do not go over the thread's stack: an abort puts the instruction pointer back, but not the stack
 * pointer.
 */
	FUNCTION pop_batch
	leaq	(%r8, %r11, 8), %r8
	movq	%rsi, %r11
	pxor	%xmm2, %xmm2
	xorl	%eax, %eax
3:	leaq	4(%rax), %rcx		/* four at a time, while no NULL can be among them */
	cmpq	%rdx, %rcx
	ja	1f
	movdqu	-32(%r8), %xmm0
	movdqu	-16(%r8), %xmm1
	movdqa	%xmm0, %xmm3
	shufps	$0x88, %xmm1, %xmm3
	pcmpeqd	%xmm2, %xmm3
	pmovmskb %xmm3, %eax
	testl	%eax, %eax
	leaq	-4(%rcx), %rax
	jnz	1f
	movdqu	%xmm0, -32(%r11)
	movdqu	%xmm1, -16(%r11)
	subq	$32, %r8
	subq	$32, %r11
	movq	%rcx, %rax
	jmp	3b
1:	cmpq	%rdx, %rax
	jae	2f
	movq	-8(%r8), %rcx
	testq	%rcx, %rcx
	jz	2f
	subq	$8, %r8
	subq	$8, %r11
	movq	%rcx, (%r11)
	incq	%rax
	jmp	1b
2:	testq	%rax, %rax
	jz	.Lpop_batch_none
	DELAY	%ecx
	subq	%rax, %r10
	COMMIT	pop_batch

/*
 * bool tp_rseq_move(intptr_t stack, const struct tp_rseq_move *move)
 *
 *	if move->cache is not primary[cpu], or its headers[stack] is not move->header: return false
 *	copy from[0..count) to to[0..count)   the ranges do not overlap, so an abort has changed nothing
 *	cache->headers[stack] = move->moved   commit; operations are not counted
 *	return true
 */
	FUNCTION move
	cmpq	TP_MOVE_CACHE(%rsi), %r8
	jne	.Lmove_none
	cmpq	TP_MOVE_HEADER(%rsi), %r10
	jne	.Lmove_none
	movq	TP_MOVE_MOVED(%rsi), %r10
	movq	TP_MOVE_FROM(%rsi), %rcx
	movq	TP_MOVE_TO(%rsi), %r8
	movq	TP_MOVE_COUNT(%rsi), %rdx
	xorl	%eax, %eax
1:	cmpq	%rdx, %rax
	jae	2f
	movq	(%rcx, %rax, 8), %r11
	movq	%r11, (%r8, %rax, 8)
	incq	%rax
	jmp	1b
2:	DELAY	%ecx
	movl	$1, %eax
	COMMIT	move

	.section .note.GNU-stack, "", @progbits
