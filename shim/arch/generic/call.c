/* No other stack here. See ../call.h. */
#include "shim/arch/call.h"

void tp_call_on_stack(void *top, void (*function)(void))
{
	(void)top;
	function();
}
