/* Redirected entry points. See ../entry.h. */
#include "shim/arch/entry.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>

#define JUMP_BYTES 5

/*
 *   endbr64                     where the compiler puts one
 *   cmp    $imm32, %rdi    ->   jmp target
 *                               nop (two bytes)
 */
static const uint8_t endbr[] = { 0xf3, 0x0f, 0x1e, 0xfa };
static const uint8_t compare[] = { 0x48, 0x81, 0xff };
static const uint8_t nop[] = { 0x66, 0x90 };

bool tp_entry_redirect(void *entry, const void *target)
{
	uint8_t *code = entry;

	if (memcmp(code, endbr, sizeof endbr) == 0)
		code += sizeof endbr;
	intptr_t distance = (intptr_t)target - (intptr_t)(code + JUMP_BYTES);
	int32_t near = (int32_t)distance;
	if (memcmp(code, compare, sizeof compare) != 0 || near != distance)
		return false;

	uintptr_t page_bytes = getauxval(AT_PAGESZ);
	void *page = (void *)((uintptr_t)code & ~(page_bytes - 1));
	/* The functions are aligned so that this lies in one page. */
	int saved_errno = errno;
	if (mprotect(page, page_bytes, PROT_READ | PROT_WRITE | PROT_EXEC) != 0) {
		errno = saved_errno;
		return false;
	}
	code[0] = 0xe9;
	memcpy(code + 1, &near, sizeof near);
	memcpy(code + JUMP_BYTES, nop, sizeof nop);
	mprotect(page, page_bytes, PROT_READ | PROT_EXEC);
	return true;
}
