/*
 * Entry points whose code is changed while the program starts. Owns no data.
 */
#ifndef TP_ARCH_ENTRY_H
#define TP_ARCH_ENTRY_H

#include <stdbool.h>

/*
 * Have whoever calls @entry, a function of ours of the hot path, arrive at @target, which takes the same.
 * Returns false, and nothing has changed, where the code is not as expected or the kernel lets nobody
 * write to it. Threads: a process with one.
 */
bool tp_entry_redirect(void *entry, const void *target);

#endif
