/*
 * Paths that options name, and the signs in them that stand for the process.
 *
 * Owns no data; reads tp_process. Any thread may call, also in a signal handler and inside malloc.
 */
#ifndef TP_PATH_H
#define TP_PATH_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Write the path that @pattern means to @path: %p is the pid, %e the program, %t the start time in seconds, %% a '%'.
 * Any other sign stays as it is. Returns false, with an empty @path, if the path and its NUL exceed @bytes.
 */
bool tp_path_expand(const char *pattern, char *path, size_t bytes);

/* Return whether every process gets a path of its own from @pattern, by a %p. */
bool tp_path_is_per_process(const char *pattern);

#endif
