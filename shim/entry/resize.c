/* Resizing: in place if the block stays of its kind, else by moving. See resize.h. */
#include "shim/entry/resize.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "shim/base/libc.h"
#include "shim/base/process.h"
#include "shim/entry/allocate.h"
#include "shim/heap/large.h"
#include "shim/heap/pagemap.h"
#include "shim/heap/region.h"
#include "shim/heap/size_classes.h"
#include "shim/host/start.h"
#include "shim/pool/passthrough.h"
#include "shim/profile/histogram.h"
#include "shim/profile/profile.h"
#include "shim/tick/timer.h"

/* Get a block of @bytes, copy, and free the old one. Returns NULL if there is no memory. */
static void *move(void *block, size_t old_bytes, size_t bytes)
{
	int saved_errno = errno;
	void *moved = tp_allocate_slow(bytes);

	if (!moved && bytes <= old_bytes) {
		errno = saved_errno;
		return block; /* the old block is large enough: a smaller one would only save memory */
	}
	if (!moved)
		return NULL;
	memcpy(moved, block, old_bytes < bytes ? old_bytes : bytes);
	tp_allocate_free_slow(block);
	return moved;
}

/* Resize a block of the next allocator. In count mode a move counts as a get and a put. */
static void *realloc_foreign(void *block, size_t bytes)
{
	if (!tp_libc.realloc)
		return tp_allocate_refuse();
	if (tp_process.mode != TP_MODE_COUNT)
		return tp_libc.realloc(block, bytes);
	struct tp_live_sample sample = tp_histogram_begin_resize(block);
	void *resized = tp_libc.realloc(block, bytes);

	tp_histogram_end_resize(sample, block, resized, bytes);
	if (resized && resized != block) {
		tp_passthrough_get(bytes);
		tp_passthrough_put();
	}
	return resized;
}

/*
 * Resize a large block, which stays a large block. Returns NULL if it has to be moved. If blocks are to be cleared, it
 * is never resized: large.h clears nothing of what a resize cuts off, adds or leaves behind.
 */
static void *resize_large(void *block, size_t old_bytes, size_t bytes)
{
	int saved_errno = errno;

	if (tp_process.options.zero.number != TP_ZERO_OFF)
		return tp_class_fits(old_bytes, bytes) ? block : NULL;
	struct tp_live_sample sample = tp_histogram_begin_resize(block);
	void *resized = tp_large_realloc(block, bytes);

	tp_histogram_end_resize(sample, block, resized, bytes);
	tp_timer_notice(); /* wakes our thread from a doze, to give back the pages that were cut off or left behind */
	errno = saved_errno;
	return resized;
}

/* The same while a profile is taken. For the profile the block ends and another begins, also if it stays in place. */
static void *resize_profiled(void *block, size_t old_bytes, size_t bytes)
{
	struct tp_live_sample object;
	bool was_sampled = tp_profile_begin_resize(block, &object);
	void *resized = resize_large(block, old_bytes, bytes);

	tp_profile_end_resize(was_sampled ? &object : NULL, block, resized, bytes);
	return resized;
}

void *tp_resize(void *block, size_t bytes)
{
	if (!block)
		return tp_allocate_slow(bytes);
	tp_start();
	if (bytes == 0) {
		tp_allocate_free_slow(block);
		return NULL;
	}
	if (bytes > PTRDIFF_MAX)
		return tp_allocate_refuse();
	if (!tp_region_holds(block))
		return realloc_foreign(block, bytes);

	unsigned class_index = tp_pagemap_class(block);
	if (class_index != 0) {
		size_t old_bytes = tp_classes.row[class_index].object_bytes;

		return tp_class_fits(old_bytes, bytes) ? block : move(block, old_bytes, bytes);
	}
	size_t old_bytes = tp_large_usable(block);
	if (bytes > tp_classes.max_bytes && tp_process.mode == TP_MODE_POOL) {
		void *resized =
		    tp_profile_on ? resize_profiled(block, old_bytes, bytes) : resize_large(block, old_bytes, bytes);

		if (resized)
			return resized;
	}
	return move(block, old_bytes, bytes);
}
