/*
 * C++'s operator new and delete, by their mangled names, without libstdc++.
 *
 * A failing new hands the request to the program's own C++ runtime, whose operator
 * new fails in our malloc again, runs the new_handler and throws std::bad_alloc.
 * Source: Itanium C++ ABI, 5.1.4; C++17 [new.delete].
 */
#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#include "shim/allocate.h"
#include "shim/arch/entry.h"
#include "shim/hot.h"
#include "shim/malloc_fast.h"
#include "shim/text.h"

/* std::nothrow_t, of which only the address is passed. */
struct nothrow;

/* The same operator in the C++ runtime: in link order, or in a library opened by itself. */
static void *runtime_operator(const char *name)
{
	static const char *const libraries[] = { "libstdc++.so.6", "libc++.so.1", "libc++abi.so.1" };
	void *function = dlsym(RTLD_NEXT, name);

	for (size_t i = 0; !function && i < sizeof libraries / sizeof *libraries; i++) {
		void *library = dlopen(libraries[i], RTLD_LAZY | RTLD_NOLOAD);

		if (library)
			function = dlsym(library, name);
	}
	if (!function) {
		tp_text_say("operator new: out of memory, and no C++ runtime to throw std::bad_alloc");
		abort();
	}
	return function;
}

static __attribute__((noinline, cold)) void *new_failed(size_t bytes)
{
	return ((void *(*)(size_t))runtime_operator("_Znwm"))(bytes);
}

static __attribute__((noinline, cold)) void *new_nothrow_failed(size_t bytes, const struct nothrow *tag)
{
	return ((void *(*)(size_t, const struct nothrow *))runtime_operator("_ZnwmRKSt9nothrow_t"))(bytes, tag);
}

static __attribute__((noinline, cold)) void *new_aligned_failed(size_t bytes, size_t alignment)
{
	return ((void *(*)(size_t, size_t))runtime_operator("_ZnwmSt11align_val_t"))(bytes, alignment);
}

static __attribute__((noinline, cold)) void *new_aligned_nothrow_failed(
    size_t bytes, size_t alignment, const struct nothrow *tag)
{
	return ((void *(*)(size_t, size_t, const struct nothrow *))runtime_operator(
	    "_ZnwmSt11align_val_tRKSt9nothrow_t"))(bytes, alignment, tag);
}

static __attribute__((noinline)) void *new_slow(size_t bytes)
{
	void *object = tp_allocate_slow(bytes);

	return TP_LIKELY(object != NULL) ? object : new_failed(bytes);
}

TP_EXPORT void *tp_new(size_t bytes) __asm__("_Znwm");
TP_EXPORT TP_HOT_CODE void *tp_new(size_t bytes)
{
	void *object = tp_malloc_fast(bytes);

	return TP_LIKELY(object != NULL) ? object : new_slow(bytes);
}

static TP_HOT_CODE void *new_counting(size_t bytes)
{
	void *object = tp_malloc_counting(bytes);

	return TP_LIKELY(object != NULL) ? object : new_failed(bytes);
}

/* Our operator, whoever comes before us. */
void *tp_new_own(size_t bytes) __attribute__((visibility("hidden")));
__asm__(".globl tp_new_own\n\t.hidden tp_new_own\n\t.set tp_new_own, _Znwm");

void tp_new_start_counting(void)
{
	tp_entry_redirect((void *)(uintptr_t)tp_new_own, (const void *)(uintptr_t)new_counting);
}

TP_EXPORT void *tp_new_nothrow(size_t bytes, const struct nothrow *tag) __asm__("_ZnwmRKSt9nothrow_t");
TP_EXPORT void *tp_new_nothrow(size_t bytes, const struct nothrow *tag)
{
	void *object = malloc(bytes);

	return TP_LIKELY(object != NULL) ? object : new_nothrow_failed(bytes, tag);
}

TP_EXPORT void *tp_new_aligned(size_t bytes, size_t alignment) __asm__("_ZnwmSt11align_val_t");
TP_EXPORT void *tp_new_aligned(size_t bytes, size_t alignment)
{
	void *object = tp_allocate_aligned(bytes, alignment);

	return TP_LIKELY(object != NULL) ? object : new_aligned_failed(bytes, alignment);
}

TP_EXPORT void *tp_new_aligned_nothrow(size_t bytes, size_t alignment, const struct nothrow *tag) __asm__(
    "_ZnwmSt11align_val_tRKSt9nothrow_t");
TP_EXPORT void *tp_new_aligned_nothrow(size_t bytes, size_t alignment, const struct nothrow *tag)
{
	void *object = tp_allocate_aligned(bytes, alignment);

	return TP_LIKELY(object != NULL) ? object : new_aligned_nothrow_failed(bytes, alignment, tag);
}

TP_EXPORT void tp_delete(void *block) __asm__("_ZdlPv");
TP_EXPORT TP_HOT_CODE void tp_delete(void *block)
{
	if (TP_UNLIKELY(!tp_free_fast(block)))
		tp_allocate_free_slow(block);
}

/*
 * Arrays, and every other delete, are the same code under other names: what they
 * are passed beside the size or the block means nothing here.
 */
#define SAME_AS(symbol, target) __asm__(".globl " symbol "\n\t.set " symbol ", " target)

SAME_AS("_Znam", "_Znwm");
SAME_AS("_ZnamRKSt9nothrow_t", "_ZnwmRKSt9nothrow_t");
SAME_AS("_ZnamSt11align_val_t", "_ZnwmSt11align_val_t");
SAME_AS("_ZnamSt11align_val_tRKSt9nothrow_t", "_ZnwmSt11align_val_tRKSt9nothrow_t");
SAME_AS("_ZdaPv", "_ZdlPv");
SAME_AS("_ZdlPvm", "_ZdlPv");
SAME_AS("_ZdaPvm", "_ZdlPv");
SAME_AS("_ZdlPvRKSt9nothrow_t", "_ZdlPv");
SAME_AS("_ZdaPvRKSt9nothrow_t", "_ZdlPv");
SAME_AS("_ZdlPvSt11align_val_t", "_ZdlPv");
SAME_AS("_ZdaPvSt11align_val_t", "_ZdlPv");
SAME_AS("_ZdlPvSt11align_val_tRKSt9nothrow_t", "_ZdlPv");
SAME_AS("_ZdaPvSt11align_val_tRKSt9nothrow_t", "_ZdlPv");
SAME_AS("_ZdlPvmSt11align_val_t", "_ZdlPv");
SAME_AS("_ZdaPvmSt11align_val_t", "_ZdlPv");
