/*
 * mixed SIZE [SECONDS [WARMUP_SECONDS]]: nanoseconds per replacement in a working set of mixed sizes.
 *
 * Pattern: 1024 live objects of 1 to SIZE bytes, evenly spread; each turn frees one at random and takes
 * another of a random size. The seed is fixed, so every allocator sees the same requests. Drawing the random
 * number costs every allocator, the null one too, the same 1 to 2 ns. The program never touches the objects.
 */
#include "sample.h"

enum { MIXED_OBJECTS = 1024 }; /* a power of two: the low bits of a random number choose one */

static void *mixed_objects[MIXED_OBJECTS]; /* NULL until first drawn; stays filled between samples */
static uint64_t mixed_random = 0x9e3779b97f4a7c15u;

static void mixed_loop(size_t size_bytes, uint64_t turns)
{
	uint64_t random = mixed_random;

	for (uint64_t turn = 0; turn < turns; turn++) {
		random ^= random << 13; /* xorshift64, Marsaglia 2003 */
		random ^= random >> 7;
		random ^= random << 17;
		void **object = &mixed_objects[random % MIXED_OBJECTS];
		free(*object);
		*object = sample_malloc((((random >> 32) * size_bytes) >> 32) + 1);
	}
	mixed_random = random;
}

int main(int argc, char **argv)
{
	return sample_main(argc, argv, mixed_loop, 1);
}
