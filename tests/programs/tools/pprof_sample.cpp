// What pprof.sh profiles: sites with known totals, one of them inlined, C++ names among them.
#include <cstdlib>
#include <vector>

#define SITE __attribute__((noinline))

static void *volatile kept[20000];

inline __attribute__((always_inline)) void *inlined_into_caller(std::size_t bytes)
{
	void *object = std::malloc(bytes);
	asm volatile("" : : "r"(object));
	return object;
}

// 200 MiB in 3,276,800 objects, all freed.
SITE void churning_caller()
{
	for (int i = 0; i < 3276800; i++)
		std::free(inlined_into_caller(64));
}

// 40 MB in 20,000 objects, all kept.
SITE void keeping_caller()
{
	for (int i = 0; i < 20000; i++)
		kept[i] = inlined_into_caller(2000);
}

namespace sample
{
template <typename Element> struct Filler {
	// 100 MB in 500 objects over the largest pooled size, freed.
	SITE void fill()
	{
		for (int i = 0; i < 500; i++) {
			std::vector<Element> elements(200000 / sizeof(Element));
			asm volatile("" : : "r"(elements.data()));
		}
	}
};
} // namespace sample

int main()
{
	churning_caller();
	keeping_caller();
	sample::Filler<double>().fill();
	return 0;
}
