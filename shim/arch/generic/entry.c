/* No entry point is redirected here. See ../entry.h. */
#include "shim/arch/entry.h"

bool tp_entry_redirect(void *entry, const void *target)
{
	(void)entry, (void)target;
	return false;
}
