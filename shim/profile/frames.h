/*
 * The calling thread's stack: which of its words can be read, how much of it is left, its frames by frame pointers.
 *
 * Async-signal-safe: no lock, no allocation; errno is kept. No word is read before the kernel has said that it can be,
 * whatever a frame pointer or a table claims. Owns no data.
 */
#ifndef TP_FRAMES_H
#define TP_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TP_FRAMES_MAX 64U /* frames that a sample keeps */

/* Pages that were found readable, during one unwinding. Start with { 0 }. */
struct tp_frames_pages {
	uintptr_t page[8]; /* page number + 1; 0: none */
	unsigned next; /* modulo 8: the entry that is replaced next */
};

/* Return whether the aligned word at @address can be read. Cost: a system call if its page is not in @pages. */
bool tp_frames_is_readable(struct tp_frames_pages *pages, uintptr_t address);

/*
 * Return whether this thread has @bytes of stack left below the current frame. A hint if the stack has no guard page.
 * Cost: a system call for each page.
 */
bool tp_frames_has_room(size_t bytes);

/*
 * Follow the frame pointers from @frame up, within the thread's stack, and put up to @limit return addresses into
 * @frames, the innermost first. Returns how many. Functions that keep no frame pointer are missing from the result.
 */
size_t tp_frames_walk(const void *frame, uintptr_t *frames, size_t limit);

#endif
