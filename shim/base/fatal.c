/* The end of a program whose heap is damaged. See fatal.h. */
#include "shim/base/fatal.h"

#include <stdint.h>
#include <stdlib.h>

#include "shim/base/text.h"

void tp_fatal_free(const void *object, const char *why)
{
	tp_text_say("free(): 0x%lx %s", (unsigned long)(uintptr_t)object, why);
	abort();
}
