/* The stack: readable pages, bounds, frame pointers. See frames.h. @rare */
#include "shim/profile/frames.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE_SHIFT 12U /* the smallest page there is; a larger page is asked for more than once */
#define FRAME_BYTES_MAX ((uintptr_t)1 << 20) /* of one function; a larger step up the stack is no frame */
#define NO_SUCH_CHANGE (-1) /* of a signal mask: the kernel refuses it, but only after it has read the mask */
#define KERNEL_MASK_BYTES 8

/* The highest address of the first thread's stack. Set by the dynamic loader. */
extern void *__libc_stack_end;

/*
 * Ask the kernel, by a call that has no effect: it fails with EINVAL if the kernel could read the eight bytes at
 * @address, else with EFAULT. Source: Abseil's AddressIsReadable.
 */
static bool kernel_can_read(uintptr_t address)
{
	int saved_errno = errno;

	syscall(SYS_rt_sigprocmask, NO_SUCH_CHANGE, address & ~(uintptr_t)7, NULL, KERNEL_MASK_BYTES);
	bool readable = errno == EINVAL;
	errno = saved_errno;
	return readable;
}

bool tp_frames_is_readable(struct tp_frames_pages *pages, uintptr_t address)
{
	uintptr_t page = (address >> PAGE_SHIFT) + 1;
	const unsigned count = sizeof pages->page / sizeof *pages->page;

	for (unsigned i = 0; i < count; i++)
		if (pages->page[i] == page)
			return true;
	if (!kernel_can_read(address))
		return false;
	pages->page[pages->next++ % count] = page;
	return true;
}

bool tp_frames_has_room(size_t bytes)
{
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);
	stack_t other;

	/* An alternative signal stack is small, and may have no guard page below it. */
	if (sigaltstack(NULL, &other) == 0 && (other.ss_flags & SS_ONSTACK))
		return here - (uintptr_t)other.ss_sp >= bytes;
	for (size_t below = 0; below < bytes; below += (size_t)1 << PAGE_SHIFT)
		if (!kernel_can_read(here - below))
			return false;
	return kernel_can_read(here - bytes);
}

/*
 * Return the end of the stack that @frame is in. For the first thread the loader's word tells it. For another thread it
 * is the thread's own data, which libc puts above the thread's stack. For a stack that the program has made itself the
 * answer may be too high, and pages below it may be missing.
 */
static uintptr_t end_of_stack(uintptr_t frame)
{
	uintptr_t first = (uintptr_t)__libc_stack_end, own = (uintptr_t)__builtin_thread_pointer();

	if (frame < own && (first < frame || own < first))
		return own;
	return frame < first ? first : UINTPTR_MAX;
}

size_t tp_frames_walk(const void *frame, uintptr_t *frames, size_t limit)
{
	struct tp_frames_pages pages = { 0 };
	uintptr_t at = (uintptr_t)frame, end = end_of_stack(at);
	size_t count = 0;

	while (count < limit) {
		if (at % sizeof(uintptr_t) != 0 || at >= end - 2 * sizeof(uintptr_t) ||
		    !tp_frames_is_readable(&pages, at) || !tp_frames_is_readable(&pages, at + sizeof(uintptr_t)))
			break;
		const uintptr_t *pair = (const uintptr_t *)at; /* the caller's frame, the return address */
		if (pair[1] == 0)
			break;
		frames[count++] = pair[1];
		if (pair[0] <= at || pair[0] - at > FRAME_BYTES_MAX)
			break; /* a stack grows down, so the caller's frame lies above, and not far */
		at = pair[0];
	}
	return count;
}
