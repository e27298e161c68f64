/* Routes: set for each slab, and made for each home. See route.h. */
#include "shim/heap/route.h"

#include <stdatomic.h>
#include <string.h>

#include "shim/heap/region.h"

/* The stack for objects of a class whose slab has @home, on a CPU of home @own. */
static int8_t stack_for(const struct tp_class *c, unsigned class_index, unsigned home, unsigned own)
{
	if (c->barred)
		return 0;
	bool is_stray = c->homed && home != TP_REGION_NO_HOME && home != own;
	return (int8_t)(is_stray ? TP_CLASS_STRAYS(class_index) : TP_CLASS_STACK(class_index));
}

/* Make the routes agree with what is. Returns whether they did. */
static bool compare(const struct tp_class *rows, _Atomic int8_t *routes, unsigned own)
{
	size_t count = tp_region_granule_count();
	bool agreed = true;

	for (size_t granule = 0; granule < count; granule++) {
		unsigned class_index = tp_hot_class_map[granule];
		int8_t stack = stack_for(&rows[class_index], class_index, tp_region_granule_home(granule), own);

		if (atomic_load_explicit(&routes[granule], memory_order_relaxed) != stack) {
			atomic_store_explicit(&routes[granule], stack, memory_order_relaxed);
			agreed = false;
		}
	}
	return agreed;
}

bool tp_route_begin(unsigned home)
{
	return tp_region_routed_homes() >> home & 1 || tp_region_begin_routes(home);
}

void tp_route_complete(const struct tp_class *rows, unsigned home)
{
	static uint32_t complete; /* the homes, a bit each */
	_Atomic int8_t *routes = (_Atomic int8_t *)tp_region_routes(home);

	if (complete >> home & 1)
		return;
	/* Slabs set them too. One that did so before an older value was written here shows in the next look. */
	do
		atomic_thread_fence(memory_order_seq_cst);
	while (!compare(rows, routes, home));
	complete |= UINT32_C(1) << home;
}

void tp_route_set(const struct tp_class *rows, size_t granule, size_t count, unsigned class_index, unsigned home)
{
	tp_region_set_slab(granule, count, class_index, home);
	atomic_thread_fence(memory_order_seq_cst); /* a home that begins sees the class, or is seen here */
	uint32_t homes = tp_region_routed_homes();

	for (unsigned own = 0; own < TP_REGION_HOMES; own++)
		if (homes >> own & 1)
			memset(tp_region_routes(own) + granule, stack_for(&rows[class_index], class_index, home, own),
			    count);
}
