// operator new with an alignment aligns so, 8 B to 1 MiB, and over-aligned types lie as they must.
#include <cstdint>
#include <new>
#include <vector>

#include "expect.h"

struct alignas(256) Wide {
	unsigned char bytes[300];
};

int main()
{
	for (size_t alignment = 8; alignment <= 1 << 20; alignment *= 2) {
		for (size_t size : { 1, 24, 100, 1000, 5000, 70000 }) {
			const std::align_val_t aligned{ alignment };
			void *one = ::operator new(size, aligned);
			void *many = ::operator new[](size, aligned);
			void *quiet = ::operator new(size, aligned, std::nothrow);
			for (void *object : { one, many, quiet }) {
				EXPECT(object && ((uintptr_t)object & (alignment - 1)) == 0,
				    "new of %zu bytes aligned to %zu gave %p", size, alignment, object);
				memset(object, 1, size);
			}
			::operator delete(one, aligned);
			::operator delete[](many, size, aligned);
			::operator delete(quiet, aligned, std::nothrow);
		}
	}
	std::vector<Wide> wides;
	for (int i = 0; i < 1000; i++) {
		wides.emplace_back();
		EXPECT(
		    ((uintptr_t)&wides.back() & 255) == 0, "a type aligned to 256 lies at %p", (void *)&wides.back());
	}
	return 0;
}
