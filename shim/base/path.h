/*
 * Paths that options name: the signs in them.
 *
 * Pure; safe in signal handlers and under malloc.
 */
#ifndef TP_PATH_H
#define TP_PATH_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Put a name together from @pattern: %p pid, %e program, %t start time, %% itself.
 * Returns false, with an empty @path, if it is too long for @bytes.
 */
bool tp_path_expand(const char *pattern, char *path, size_t bytes);

/* Whether every process gets a name of its own from @pattern: whether it has a %p. */
bool tp_path_is_per_process(const char *pattern);

#endif
