/*
 * C++'s operator new and delete, by their mangled names, without libstdc++.
 *
 * A new that finds no memory passes the request on to the program's own C++ runtime. Its operator new fails in our
 * malloc again, runs the new_handler and throws std::bad_alloc. Without such a runtime the nothrow forms return NULL,
 * and the others stop the program with one line. Any thread. Owns no data.
 * Source: Itanium C++ ABI, 5.1.4; C++17 [new.delete].
 */
#include <dlfcn.h>
#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#include "shim/base/compiler.h"
#include "shim/base/output.h"
#include "shim/entry/allocate.h"
#include "shim/entry/malloc_fast.h"

/* std::nothrow_t. Only its address is passed. */
struct nothrow;

static bool is_ours(const void *function)
{
	Dl_info ours, theirs;

	return dladdr((const void *)is_ours, &ours) && dladdr(function, &theirs) && ours.dli_fbase == theirs.dli_fbase;
}

/*
 * Return the operator in the scope of the loaded object that has the address @caller, or NULL: a plugin that was opened
 * with RTLD_LOCAL may have a runtime that no other object sees. In glibc the handle of an object is its link map.
 * Source: dlinfo(3).
 */
static void *operator_of_caller(const void *caller, const char *name)
{
	struct link_map *object;
	Dl_info info;

	if (!dladdr1(caller, &info, (void **)&object, RTLD_DL_LINKMAP))
		return NULL;
	void *function = dlsym(object, name);
	return function && !is_ours(function) ? function : NULL;
}

/*
 * Return the operator of that name in a C++ runtime: the next in link order, or the caller's own, or that of a library
 * that is loaded apart from both. NULL: there is none.
 */
static void *runtime_operator(const char *name, const void *caller)
{
	static const char *const libraries[] = { "libstdc++.so.6", "libc++.so.1", "libc++abi.so.1" };
	void *function = dlsym(RTLD_NEXT, name);

	if (!function)
		function = operator_of_caller(caller, name);
	for (size_t i = 0; !function && i < sizeof libraries / sizeof *libraries; i++) {
		void *library = dlopen(libraries[i], RTLD_LAZY | RTLD_NOLOAD);

		if (library)
			function = dlsym(library, name);
	}
	return function;
}

/* Return it for an operator that must not return NULL. Errors: without a runtime, stops the program with one line. */
static void *throwing_operator(const char *name, const void *caller)
{
	void *function = runtime_operator(name, caller);

	if (!function) {
		tp_output_say("operator new: out of memory, and no C++ runtime to throw std::bad_alloc");
		abort();
	}
	return function;
}

static __attribute__((noinline, cold)) void *new_failed(size_t bytes, const void *caller)
{
	return ((void *(*)(size_t))throwing_operator("_Znwm", caller))(bytes);
}

static __attribute__((noinline, cold)) void *new_nothrow_failed(
    size_t bytes, const struct nothrow *tag, const void *caller)
{
	void *function = runtime_operator("_ZnwmRKSt9nothrow_t", caller);

	return function ? ((void *(*)(size_t, const struct nothrow *))function)(bytes, tag) : NULL;
}

static __attribute__((noinline, cold)) void *new_aligned_failed(size_t bytes, size_t alignment, const void *caller)
{
	return ((void *(*)(size_t, size_t))throwing_operator("_ZnwmSt11align_val_t", caller))(bytes, alignment);
}

static __attribute__((noinline, cold)) void *new_aligned_nothrow_failed(
    size_t bytes, size_t alignment, const struct nothrow *tag, const void *caller)
{
	void *function = runtime_operator("_ZnwmSt11align_val_tRKSt9nothrow_t", caller);

	return function ? ((void *(*)(size_t, size_t, const struct nothrow *))function)(bytes, alignment, tag) : NULL;
}

/* The address in the program after its call of this operator. */
#define CALLER __builtin_return_address(0)

static __attribute__((noinline)) void *new_slow(size_t bytes, const void *caller)
{
	void *object = tp_allocate_slow(bytes);

	return TP_LIKELY(object != NULL) ? object : new_failed(bytes, caller);
}

TP_EXPORT void *tp_new(size_t bytes) __asm__("_Znwm");
TP_EXPORT TP_HOT_CODE void *tp_new(size_t bytes)
{
	void *object = tp_malloc_fast(bytes);

	return TP_LIKELY(object != NULL) ? object : new_slow(bytes, CALLER);
}

TP_EXPORT void *tp_new_nothrow(size_t bytes, const struct nothrow *tag) __asm__("_ZnwmRKSt9nothrow_t");
TP_EXPORT void *tp_new_nothrow(size_t bytes, const struct nothrow *tag)
{
	void *object = malloc(bytes);

	return TP_LIKELY(object != NULL) ? object : new_nothrow_failed(bytes, tag, CALLER);
}

TP_EXPORT void *tp_new_aligned(size_t bytes, size_t alignment) __asm__("_ZnwmSt11align_val_t");
TP_EXPORT void *tp_new_aligned(size_t bytes, size_t alignment)
{
	void *object = tp_allocate_aligned(bytes, alignment);

	return TP_LIKELY(object != NULL) ? object : new_aligned_failed(bytes, alignment, CALLER);
}

TP_EXPORT void *tp_new_aligned_nothrow(size_t bytes, size_t alignment, const struct nothrow *tag) __asm__(
    "_ZnwmSt11align_val_tRKSt9nothrow_t");
TP_EXPORT void *tp_new_aligned_nothrow(size_t bytes, size_t alignment, const struct nothrow *tag)
{
	void *object = tp_allocate_aligned(bytes, alignment);

	return TP_LIKELY(object != NULL) ? object : new_aligned_nothrow_failed(bytes, alignment, tag, CALLER);
}

TP_EXPORT void tp_delete(void *block) __asm__("_ZdlPv");
TP_EXPORT TP_HOT_CODE void tp_delete(void *block)
{
	if (TP_UNLIKELY(!tp_free_fast(block)))
		tp_allocate_free_slow(block);
}

/*
 * The forms for arrays, and every other delete, are the same code under other names. Their further arguments, such as
 * the size of a block, are not needed.
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
