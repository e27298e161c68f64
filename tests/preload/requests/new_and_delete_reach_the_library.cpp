/*
 * Every operator new and delete, plain, array, nothrow, aligned and sized, is the library's, and
 * what each new gives, its delete takes.
 * @cc -ldl
 */
#include <cstdint>
#include <cstdlib>
#include <dlfcn.h>
#include <malloc.h>
#include <new>

#include "expect.h"

static const char *const names[] = {
	"_Znwm",
	"_Znam",
	"_ZnwmRKSt9nothrow_t",
	"_ZnamRKSt9nothrow_t",
	"_ZnwmSt11align_val_t",
	"_ZnamSt11align_val_t",
	"_ZnwmSt11align_val_tRKSt9nothrow_t",
	"_ZnamSt11align_val_tRKSt9nothrow_t",
	"_ZdlPv",
	"_ZdaPv",
	"_ZdlPvRKSt9nothrow_t",
	"_ZdaPvRKSt9nothrow_t",
	"_ZdlPvm",
	"_ZdaPvm",
	"_ZdlPvSt11align_val_t",
	"_ZdaPvSt11align_val_t",
	"_ZdlPvmSt11align_val_t",
	"_ZdaPvmSt11align_val_t",
	"_ZdlPvSt11align_val_tRKSt9nothrow_t",
	"_ZdaPvSt11align_val_tRKSt9nothrow_t",
};

static void *use(void *object, size_t size)
{
	EXPECT(object, "new gave nothing for %zu bytes", size);
	EXPECT(((uintptr_t)object & 15) == 0, "new of %zu bytes gave %p", size, object);
	EXPECT(malloc_usable_size(object) >= size, "%zu bytes have %zu usable", size, malloc_usable_size(object));
	memset(object, 0xab, size);
	return object;
}

int main()
{
	const char *preload = getenv("LD_PRELOAD");
	EXPECT(preload, "nothing is preloaded");
	const char *library = strrchr(preload, '/') + 1;
	for (const char *name : names) {
		void *found = dlsym(RTLD_DEFAULT, name);
		Dl_info info;
		EXPECT(found, "there is no %s", name);
		EXPECT(
		    dladdr(found, &info) && strstr(info.dli_fname, library), "%s comes from %s", name, info.dli_fname);
	}

	const std::align_val_t line{ 64 };
	for (int round = 0; round < 100; round++) {
		for (size_t size = 1; size <= 200000; size += 1 + size * 2 / 3) {
			::operator delete(use(::operator new(size), size));
			::operator delete(use(::operator new(size), size), size);
			::operator delete[](use(::operator new[](size), size));
			::operator delete[](use(::operator new[](size), size), size);
			::operator delete(use(::operator new(size, std::nothrow), size), std::nothrow);
			::operator delete[](use(::operator new[](size, std::nothrow), size), std::nothrow);
			::operator delete(use(::operator new(size, line), size), line);
			::operator delete(use(::operator new(size, line), size), size, line);
			::operator delete[](use(::operator new[](size, line), size), line);
			::operator delete[](use(::operator new[](size, line), size), size, line);
			::operator delete(use(::operator new(size, line, std::nothrow), size), line, std::nothrow);
			::operator delete[](use(::operator new[](size, line, std::nothrow), size), line, std::nothrow);
		}
	}
	void *none = ::operator new(0), *other = ::operator new(0);
	EXPECT(none && other && none != other, "new of zero bytes is not unique");
	::operator delete(none);
	::operator delete(other);
	::operator delete(nullptr);
	::operator delete[](nullptr, line);
	return 0;
}
