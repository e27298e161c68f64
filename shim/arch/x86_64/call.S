/*
 * tp_call_on_stack(top, function):
 *
 *	keep the stack pointer in rbp, which the function keeps
 *	top -> stack pointer
 *	call function
 *	stack pointer back
 */
	.text
	.globl	tp_call_on_stack
	.hidden	tp_call_on_stack
	.type	tp_call_on_stack, @function
	.balign	16
tp_call_on_stack:
	.cfi_startproc
	pushq	%rbp
	.cfi_def_cfa_offset 16
	.cfi_offset %rbp, -16
	movq	%rsp, %rbp
	.cfi_def_cfa_register %rbp
	movq	%rdi, %rsp
	call	*%rsi
	movq	%rbp, %rsp
	popq	%rbp
	.cfi_def_cfa %rsp, 8
	ret
	.cfi_endproc
	.size	tp_call_on_stack, . - tp_call_on_stack

	.section .note.GNU-stack, "", @progbits
