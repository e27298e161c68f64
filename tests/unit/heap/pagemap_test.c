/* Routes: on which stack each owner puts the objects of a slab, whichever was there first. */
#include "shim/heap/pagemap.h"

#include <stdatomic.h>

#include "shim/heap/size_classes.h"
#include "shim/heap/slab.h"
#include "shim/heap/slab_list.h"
#include "tests/unit/support/slabs.h"
#include "tests/unit/support/threads.h"

#define NO_HOME TP_PAGEMAP_NO_OWNER
#define GRANULE 7U

static void start(void)
{
	slabs_start();
	cr_assert_not_null(tp_region_commit(1 << 20, 65536));
}

static void begin(unsigned owner)
{
	cr_assert(tp_pagemap_begin_routes(owner));
	cr_assert(tp_pagemap_routed_owners() >> owner & 1);
	tp_pagemap_complete_routes(tp_classes.row, owner);
}

static int route(unsigned owner, size_t granule)
{
	return tp_pagemap_routes(owner)[granule];
}

Test(route, each_home_keeps_its_own_and_calls_others_remotes, .init = start)
{
	begin(0);
	begin(31);
	tp_pagemap_set_slab(tp_classes.row, GRANULE, 1, CLASS_48, 31);
	cr_assert_eq(route(31, GRANULE), CLASS_48);
	cr_assert_eq(route(0, GRANULE), TP_CLASS_REMOTE(CLASS_48));
	cr_assert_eq(tp_hot_class_map[GRANULE], CLASS_48);
	tp_pagemap_set_slab(tp_classes.row, GRANULE, 1, CLASS_48, 0); /* handed over */
	cr_assert_eq(route(31, GRANULE), TP_CLASS_REMOTE(CLASS_48));
	cr_assert_eq(route(0, GRANULE), CLASS_48);
	tp_pagemap_set_slab(tp_classes.row, GRANULE, 1, 0, NO_HOME);
	cr_assert_eq(route(31, GRANULE), 0);
	cr_assert_eq(route(0, GRANULE), 0);
	cr_assert_eq(tp_hot_class_map[GRANULE], 0);
}

Test(route, slabs_without_a_home_are_everybodys, .init = start)
{
	begin(3);
	tp_pagemap_set_slab(tp_classes.row, GRANULE, 1, CLASS_48, NO_HOME);
	cr_assert_eq(route(3, GRANULE), CLASS_48);
	tp_pagemap_set_slab(tp_classes.row, GRANULE, 1, CLASS_64, 4); /* of whole lines, whatever its owner */
	cr_assert_eq(route(3, GRANULE), CLASS_64);
	tp_pagemap_set_slab(tp_classes.row, GRANULE, 4, CLASS_MAX - 1, NO_HOME);
	for (unsigned i = 0; i < 4; i++)
		cr_assert_eq(route(3, GRANULE + i), CLASS_MAX - 1);
	cr_assert_eq(route(3, GRANULE - 1), 0);
	cr_assert_eq(route(3, GRANULE + 4), 0);
}

Test(route, no_put_of_a_slow_class_is_fast, .init = start)
{
	begin(3);
	tp_classes.row[CLASS_64].slow_put = true;
	tp_pagemap_set_slab(tp_classes.row, GRANULE, 1, CLASS_64, NO_HOME);
	cr_assert_eq(route(3, GRANULE), 0);
	cr_assert_eq(tp_hot_class_map[GRANULE], CLASS_64);
}

/* Where a CPU of owner @own is to put objects of a slab that has @owner. */
static int stack_for(unsigned class_index, unsigned owner, unsigned own)
{
	return owner != NO_HOME && owner != own ? TP_CLASS_REMOTE(class_index) : TP_CLASS_STACK(class_index);
}

/* A slab of every class for each of three owners, and for none. */
static void *one_of_each[TP_CLASS_LIMIT][4];

static void take_one_of_each(void)
{
	for (unsigned i = 1; i < tp_classes.count; i++)
		for (unsigned owner = 0; owner < 4; owner++)
			cr_assert_eq(
			    tp_slab_take(i, owner < 3 ? owner : NO_HOME, &one_of_each[i][owner], 1, TP_SLAB_GET), 1);
}

static void expect_one_of_each(unsigned own)
{
	for (unsigned i = 1; i < tp_classes.count; i++)
		for (unsigned owner = 0; owner < 4; owner++) {
			unsigned slab_owner = tp_classes.row[i].owned && owner < 3 ? owner : NO_HOME;

			cr_assert_eq(route(own, tp_region_granule(one_of_each[i][owner])),
			    stack_for(i, slab_owner, own), "class %u, owner %u, seen from %u", i, owner, own);
		}
}

Test(route, a_home_that_begins_late_knows_what_is_there, .init = slabs_start)
{
	begin(0);
	take_one_of_each();
	for (unsigned owner = 0; owner < 3; owner++) {
		begin(owner);
		expect_one_of_each(owner);
	}
	begin(2); /* once more changes nothing */
	expect_one_of_each(2);
}

/* ---- owners that begin while slabs come, go and are handed over */

#define OBJECTS 3000U /* of 48 bytes: more than two slabs */
#define PAUSE_US 500

static _Atomic bool over;
static _Atomic unsigned failures;

static void come_and_go(unsigned owner)
{
	static void *objects[2][OBJECTS];

	while (!atomic_load(&over)) {
		size_t taken = tp_slab_take(CLASS_48, owner, objects[owner], OBJECTS, TP_SLAB_GET);

		atomic_fetch_add(&failures, taken == 0);
		tp_slab_give(CLASS_48, objects[owner], taken, TP_SLAB_FLUSH);
		tp_slab_release_unused(CLASS_48);
	}
}

static void begin_all(void)
{
	for (unsigned owner = 0; owner < TP_PAGEMAP_OWNERS; owner++) {
		atomic_fetch_add(&failures, !tp_pagemap_begin_routes(owner));
		tp_pagemap_complete_routes(tp_classes.row, owner);
		usleep(PAUSE_US);
	}
	atomic_store(&over, true);
}

static void act(unsigned thread)
{
	if (thread < 2)
		come_and_go(thread);
	else
		begin_all();
}

Test(route, homes_that_begin_beside_slabs_that_come_and_go_agree_with_them, .init = slabs_start)
{
	threads_run(3, act);
	cr_assert_eq(failures, 0);
	for (size_t granule = 0; granule < tp_pagemap_granule_count(); granule++)
		for (unsigned own = 0; own < TP_PAGEMAP_OWNERS; own++) {
			unsigned class_index = tp_hot_class_map[granule];
			unsigned owner = class_index == CLASS_48 ? tp_slab_at((uint32_t)granule)->owner : NO_HOME;

			cr_assert(class_index == 0 || tp_pagemap_granule_owner(granule) == owner);
			cr_assert_eq(route(own, granule), stack_for(class_index, owner, own),
			    "granule %zu, seen from %u", granule, own);
		}
}

/* ---- maps that grow */

Test(route, the_maps_grow_with_the_region, .init = slabs_start)
{
	size_t page_granules = tp_region_page_bytes(); /* a byte each */
	size_t bytes = (page_granules + 16) << TP_REGION_GRANULE_SHIFT;

	begin(0);
	cr_assert_not_null(tp_region_commit(1 << 20, 65536));
	begin(1);
	cr_assert_not_null(tp_region_commit(bytes, 65536)); /* over the first page of each map */
	begin(2);
	size_t last = tp_pagemap_granule_count() - 1;
	cr_assert_gt(last, page_granules);
	tp_pagemap_set_slab(tp_classes.row, last, 1, CLASS_48, 1);
	cr_assert_eq(route(0, last), TP_CLASS_REMOTE(CLASS_48));
	cr_assert_eq(route(1, last), CLASS_48);
	cr_assert_eq(route(2, last), TP_CLASS_REMOTE(CLASS_48));
	*tp_pagemap_word(last) = 5;
}
