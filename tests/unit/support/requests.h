/*
 * What the tests of whole requests share: the library as it starts, in this process, without its entry points.
 */
#ifndef TEST_REQUESTS_H
#define TEST_REQUESTS_H

#include <stdlib.h>
#include <string.h>

#include "shim/base/process.h"
#include "shim/entry/allocate.h"
#include "shim/heap/size_classes.h"
#include "shim/host/start.h"
#include "shim/pool/counters.h"
#include "shim/tick/admission.h"
#include "tests/unit/support/caches.h"

#define BYTES 64U
#define CLASS 4U /* of 64 bytes */
#define RARE 8U /* of 128 bytes */
#define EARLY 16U /* requests in a short time that admit a class */
#define COUNT 2000U

/* The library as it starts, but that nothing ticks: settings are changed before the first request. */
static inline void start(void)
{
	setenv("TIDEPOOL_TICK", "0", 1);
	find_cpus();
	tp_start();
	number_by_cpu();
	cr_assert_eq(tp_classes.row[CLASS].object_bytes, BYTES);
}

/* What is written in the rows holds from here on. */
static inline void settle(void)
{
	tp_class_index(&tp_classes);
	tp_admission_start();
}

/* One request a second admits a class: those of a test are early also where it is given no CPU for a while. */
static inline void admit_at_leisure(void)
{
	tp_process.options.admit.number = 1;
}

static inline struct tp_counters_row stats(unsigned class_index)
{
	struct tp_counters_row row;

	tp_counters_read(class_index, &row);
	return row;
}

static inline struct tp_admission_state state(unsigned class_index)
{
	struct tp_admission_state read;

	tp_admission_read(class_index, &read);
	return read;
}

static inline void expect_held(unsigned class_index, uint64_t objects)
{
	cr_assert_eq(stats(class_index).held_objects, objects, "%zu objects are held, not %zu",
	    (size_t)stats(class_index).held_objects, (size_t)objects);
}

static inline void take(void **objects, unsigned count, size_t bytes)
{
	for (unsigned i = 0; i < count; i++)
		cr_assert_not_null(objects[i] = tp_allocate_slow(bytes));
}

static inline void give(void **objects, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		tp_allocate_free_slow(objects[i]);
}

#endif
