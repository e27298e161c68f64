/*
 * The registers that unwinding starts from, by their DWARF numbers: read at one
 * point of the function that asks. TP_REGISTER_COUNT is 0 where nobody has written
 * it down yet; frame pointers then have to do.
 */
#ifndef TP_REGISTERS_H
#define TP_REGISTERS_H

#if defined(__x86_64__)
#include "shim/arch/x86_64/registers.h"
#else
#include "shim/arch/generic/registers.h"
#endif

#endif
