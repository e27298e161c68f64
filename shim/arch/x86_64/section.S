/*
 * Restartable sections that move several objects, and the words the hot path reads.
 *
 * Each is one attempt on the stack of the CPU it runs on, restarted when aborted,
 * with one committing store, last.
 */
#include "shim/arch/x86_64/rseq_layout.h"

/* A thread's area before start, and for good where rseq is missing: no CPU. */
	.section .tdata, "awT", @progbits
	.balign	32
	.hidden	tp_section_absent
	.globl	tp_section_absent
	.type	tp_section_absent, @object
	.size	tp_section_absent, 32
tp_section_absent:
	.long	0, -1			/* cpu_id_start, cpu_id */
	.quad	0, 0, 0

.macro WORD name, value=0
	.hidden	\name
	.globl	\name
	.type	\name, @object
	.size	\name, 8
\name:	.quad	\value
.endm

/* One cache line: see hot.h. */
	.section .data.hot, "aw", @progbits
	.balign	64
	WORD	tp_hot_rseq_offset
	WORD	tp_hot_cpu_offset
	WORD	tp_hot_primary, tp_cache_before_start
	WORD	tp_hot_region_base
	WORD	tp_hot_region_bytes
	WORD	tp_hot_class_map
	.balign	64

	.data
	.balign	8
	WORD	tp_section_absent_offset

/*
 * The first call of malloc may come before any constructor, so the offsets have to
 * be set while the library is relocated: by the resolver of an indirect function,
 * which the loader calls after all other relocations of the library.
 */
	.text
	.type	tp_section_at_relocation, @gnu_indirect_function
	.balign	16
tp_section_at_relocation:
	.cfi_startproc
	movq	tp_section_absent@gottpoff(%rip), %rax
	movq	%rax, tp_section_absent_offset(%rip)
	movq	%rax, tp_hot_rseq_offset(%rip)
	movq	%rax, tp_hot_cpu_offset(%rip)
	leaq	tp_section_at_relocation(%rip), %rax
	ret
	.cfi_endproc
	.size	tp_section_at_relocation, . - tp_section_at_relocation

	.section .data.rel.ro, "aw", @progbits
	.balign	8
	.quad	tp_section_at_relocation	/* makes the loader call the resolver */

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

	.text

/*
 * size_t tp_section_fill(size_t class_index, void *const *objects, size_t count)
 *
 *	cache = primary[cpu]; header = cache->headers[class]; slot = header & 0xffff
 *	room = -slot & 511                    0 when full or closed
 *	n = min(count, room)
 *	copy objects[0..n) to slots[slot..slot+n)
 *	cache->headers[class] = header + n    commit; operations are not counted
 *	return n
 */
	.globl	tp_section_fill
	.hidden	tp_section_fill
	.type	tp_section_fill, @function
	.balign	16
tp_section_fill:
	.cfi_startproc
	movq	tp_hot_rseq_offset(%rip), %rcx
	cmpl	$0, %fs:TP_RSEQ_CPU_ID(%rcx)
	js	.Lfill_none
	leaq	.Lfill_cs(%rip), %rax
	movq	%rax, %fs:TP_RSEQ_CS(%rcx)
.Lfill_start:
	movq	tp_hot_cpu_offset(%rip), %rax
	movl	%fs:(%rax), %eax
	movq	tp_hot_primary(%rip), %r8
	movq	(%r8, %rax, 8), %r8
	leaq	(%r8, %rdi, 8), %r9
	movq	(%r9), %r10
	DELAY	%eax
	movzwl	%r10w, %r11d
	movl	%r11d, %eax
	negl	%eax
	andl	$TP_STACK_STRIDE_MASK, %eax
	cmpq	%rdx, %rax
	cmovaq	%rdx, %rax
	testl	%eax, %eax
	jz	.Lfill_none
	leaq	(%r8, %r11, 8), %r8
	xorl	%ecx, %ecx
1:	movq	(%rsi, %rcx, 8), %r11
	movq	%r11, (%r8, %rcx, 8)
	incq	%rcx
	cmpq	%rax, %rcx
	jb	1b
	DELAY	%ecx
	addq	%rax, %r10
	movq	%r10, (%r9)
.Lfill_end:
	ret
.Lfill_none:
	xorl	%eax, %eax
	ret
	ABORT	.Lfill_abort, tp_section_fill
	.cfi_endproc
	.size	tp_section_fill, . - tp_section_fill
	DESCRIPTOR .Lfill_cs, .Lfill_start, .Lfill_end, .Lfill_abort

/*
 * size_t tp_section_empty(size_t class_index, void **objects, size_t count, size_t bottom)
 *
 *	cache = primary[cpu]; header = cache->headers[class]; slot = header & 0xffff
 *	n = min(count, slot - bottom)         none when empty or closed (slot < bottom)
 *	copy slots[slot-n..slot) to objects[0..n)
 *	cache->headers[class] = header - n    commit; operations are not counted
 *	return n
 */
	.globl	tp_section_empty
	.hidden	tp_section_empty
	.type	tp_section_empty, @function
	.balign	16
tp_section_empty:
	.cfi_startproc
	movq	tp_hot_rseq_offset(%rip), %r11
	cmpl	$0, %fs:TP_RSEQ_CPU_ID(%r11)
	js	.Lempty_none
	leaq	.Lempty_cs(%rip), %rax
	movq	%rax, %fs:TP_RSEQ_CS(%r11)
.Lempty_start:
	movq	tp_hot_cpu_offset(%rip), %rax
	movl	%fs:(%rax), %eax
	movq	tp_hot_primary(%rip), %r8
	movq	(%r8, %rax, 8), %r8
	leaq	(%r8, %rdi, 8), %r9
	movq	(%r9), %r10
	DELAY	%eax
	movzwl	%r10w, %r11d
	movq	%r11, %rax
	subq	%rcx, %rax
	jbe	.Lempty_none
	cmpq	%rdx, %rax
	cmovaq	%rdx, %rax
	testq	%rax, %rax
	jz	.Lempty_none
	subq	%rax, %r11
	leaq	(%r8, %r11, 8), %r8
	subq	%rax, %r10
	/*
	 * Through a vector register, as all others are taken. Never over the stack:
	 * an abort puts the instruction pointer back, but not the stack pointer.
	 */
	movq	%rax, %r11
1:	decq	%r11
	movq	(%r8, %r11, 8), %xmm0
	movq	%xmm0, (%rsi, %r11, 8)
	jnz	1b
	DELAY	%r11d
	movq	%r10, (%r9)
.Lempty_end:
	ret
.Lempty_none:
	xorl	%eax, %eax
	ret
	ABORT	.Lempty_abort, tp_section_empty
	.cfi_endproc
	.size	tp_section_empty, . - tp_section_empty
	DESCRIPTOR .Lempty_cs, .Lempty_start, .Lempty_end, .Lempty_abort

	.section .note.GNU-stack, "", @progbits
