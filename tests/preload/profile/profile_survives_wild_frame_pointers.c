/*
 * Frame pointers that are none: unaligned, far off, into memory that cannot be read, on a stack of
 * the program's own making. The stack is then short, and the program goes on.
 * @env TIDEPOOL_PROFILE=/dev/null
 * @env TIDEPOOL_PROFILE_EVERY=1
 * @env TIDEPOOL_PROFILE_UNWIND=fp
 * @stdout
 */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "expect.h"

#define STACK_BYTES 65536UL

static char *memory; /* the stack, and above it as much that cannot be touched */
static ucontext_t back, there;

#if defined(__x86_64__)
/* malloc, called with this in the frame pointer. */
static void *allocate(uintptr_t frame)
{
	void *object;

	__asm__ volatile("pushq	%%rbp\n"
			 "	movq	%%rsp, %%rbx\n"
			 "	subq	$256, %%rsp\n"
			 "	andq	$-16, %%rsp\n"
			 "	movq	%2, %%rbp\n"
			 "	call	*%1\n"
			 "	movq	%%rbx, %%rsp\n"
			 "	popq	%%rbp\n"
			 : "=a"(object)
			 : "r"(malloc), "r"(frame), "D"(100UL)
			 : "rbx", "rcx", "rdx", "rsi", "r8", "r9", "r10", "r11", "r12", "memory", "cc");
	return object;
}
#endif

static void allocate_wildly(void)
{
#if defined(__x86_64__)
	uintptr_t here = (uintptr_t)__builtin_frame_address(0), wall = (uintptr_t)memory + STACK_BYTES;
	const uintptr_t frames[] = { 0, 1, 16, here + 1, here + 8, wall - 8, wall, wall + 4096, here + (1UL << 30),
		here - 4096, (uintptr_t)-16, (uintptr_t)1 << 63 };

	for (size_t i = 0; i < sizeof frames / sizeof *frames; i++) {
		void *object = allocate(frames[i]);
		EXPECT(object, "no memory");
		memset(object, 1, 100);
		free(object);
	}
#endif
}

int main(void)
{
	memory = mmap(NULL, 2 * STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	EXPECT(mprotect(memory + STACK_BYTES, STACK_BYTES, PROT_NONE) == 0, "cannot protect");
	allocate_wildly();
	getcontext(&there);
	there.uc_stack.ss_sp = memory;
	there.uc_stack.ss_size = STACK_BYTES;
	there.uc_link = &back;
	makecontext(&there, allocate_wildly, 0);
	swapcontext(&back, &there);
	return 0;
}
