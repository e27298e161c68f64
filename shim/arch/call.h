/*
 * Calls on another stack. Owns no data.
 */
#ifndef TP_ARCH_CALL_H
#define TP_ARCH_CALL_H

/*
 * Call @function on the stack that ends at @top, a multiple of 16; where this architecture has no code for that, on
 * the caller's. Cost: as a call.
 */
void tp_call_on_stack(void *top, void (*function)(void));

#endif
