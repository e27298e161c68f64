/*
 * The stack of the calling thread: which of it can be read, and its frames by frame
 * pointers.
 *
 * Async-signal-safe: no lock, no allocation. Whatever a frame pointer or a table
 * says, nothing is read that the kernel has not said is there.
 */
#ifndef TP_FRAMES_H
#define TP_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TP_FRAMES_MAX 64U

/* Pages found readable, for the time of one unwinding. Start with { 0 }. */
struct tp_frames_pages {
	uintptr_t page[8]; /* page number + 1; 0: none */
	unsigned next;
};

/* Whether the aligned word at @address can be read. Cost: a system call for a page not seen yet. */
bool tp_frames_is_readable(struct tp_frames_pages *pages, uintptr_t address);

/* Whether this thread has @bytes of stack left below here. A hint where it has no guard page. */
bool tp_frames_has_room(size_t bytes);

/*
 * Follow the frame pointers from @frame up, within the thread's stack.
 * Returns how many return addresses it put into @frames, innermost first. Callers
 * that keep no frame pointer are missed.
 */
size_t tp_frames_walk(const void *frame, uintptr_t *frames, size_t limit);

#endif
