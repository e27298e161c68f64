/* Registers of x86-64. Source: System V ABI, AMD64 supplement, figure 3.36: DWARF register numbers. */
#ifndef TP_X86_64_REGISTERS_H
#define TP_X86_64_REGISTERS_H

#include <stdint.h>

#define TP_REGISTER_COUNT 17
#define TP_UNWIND_LIBRARY "libunwind-x86_64.so.8"

/* Those that a function preserves, and where it stands; the others are 0. */
static inline __attribute__((always_inline)) void tp_registers_read(uint64_t registers[TP_REGISTER_COUNT])
{
	for (unsigned i = 0; i < TP_REGISTER_COUNT; i++)
		registers[i] = 0;
	__asm__ volatile("leaq	0(%%rip), %%rax\n"
			 "	movq	%%rbx, 24(%0)\n"
			 "	movq	%%rbp, 48(%0)\n"
			 "	movq	%%rsp, 56(%0)\n"
			 "	movq	%%r12, 96(%0)\n"
			 "	movq	%%r13, 104(%0)\n"
			 "	movq	%%r14, 112(%0)\n"
			 "	movq	%%r15, 120(%0)\n"
			 "	movq	%%rax, 128(%0)\n"
			 :
			 : "r"(registers)
			 : "rax", "memory");
}

#endif
