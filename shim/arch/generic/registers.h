/* Registers of an architecture that nobody has written down yet. */
#ifndef TP_GENERIC_REGISTERS_H
#define TP_GENERIC_REGISTERS_H

#include <stdint.h>

#define TP_REGISTER_COUNT 0
#define TP_UNWIND_LIBRARY ""

static inline void tp_registers_read(uint64_t *registers)
{
	(void)registers;
}

#endif
