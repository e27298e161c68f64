/*
 * The hot words.
 * @variants norseq rseq
 */
#include "shim/base/hot.h"

#include <criterion/criterion.h>

Test(hot, all_words_lie_in_one_cache_line)
{
	const void *const words[] = { &tp_hot_rseq_offset, &tp_hot_cpu_offset, &tp_hot_primary, &tp_hot_region_base,
		&tp_hot_region_bytes, &tp_hot_class_map };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		cr_assert_eq((uintptr_t)words[i] / 64, (uintptr_t)&tp_hot_rseq_offset / 64, "word %zu", i);
}
