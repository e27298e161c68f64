/*
 * vfork: the child runs on the parent's memory without an rseq registration, so the pools are closed until the parent
 * runs again.
 *
 *	tp_vfork_begin()                close the pools
 *	return address -> rdi           it leaves the stack, which the child's calls overwrite
 *	syscall vfork
 *	return address back
 *	child:  return 0
 *	parent: return tp_vfork_end(result)
 */
#include <sys/syscall.h>

	.text
	.globl	vfork
	.type	vfork, @function
	.balign	16
vfork:
	.cfi_startproc
	subq	$8, %rsp
	.cfi_adjust_cfa_offset 8
	call	tp_vfork_begin
	addq	$8, %rsp
	.cfi_adjust_cfa_offset -8
	popq	%rdi
	.cfi_adjust_cfa_offset -8
	.cfi_register %rip, %rdi
	movl	$SYS_vfork, %eax
	syscall
	pushq	%rdi
	.cfi_adjust_cfa_offset 8
	.cfi_offset %rip, -8
	testq	%rax, %rax
	jz	1f
	movq	%rax, %rdi
	jmp	tp_vfork_end
1:	ret
	.cfi_endproc
	.size	vfork, . - vfork

	.globl	__vfork
	.set	__vfork, vfork

	.section .note.GNU-stack, "", @progbits
