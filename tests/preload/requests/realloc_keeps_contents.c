/* realloc keeps the contents over growing and shrinking, 1 B to 4 MiB, in small and large steps. */
#include <stdint.h>
#include <stdlib.h>

#include "expect.h"

#define MOST (4u << 20)

static unsigned char at(size_t index)
{
	return (unsigned char)(index * 2654435761u >> 13);
}

/* Resize, check what must be left, and fill the rest. */
static unsigned char *resize(unsigned char *object, size_t old, size_t size)
{
	object = realloc(object, size);
	EXPECT(object, "no memory to make %zu bytes of %zu", size, old);
	EXPECT(((uintptr_t)object & 15) == 0, "realloc to %zu gave %p", size, (void *)object);
	for (size_t i = 0; i < old && i < size; i++)
		EXPECT(object[i] == at(i), "byte %zu was lost from %zu to %zu bytes", i, old, size);
	for (size_t i = old; i < size; i++)
		object[i] = at(i);
	return object;
}

int main(void)
{
	static const size_t steps[] = { 2, 3, 16, 1000 };

	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		unsigned char *object = malloc(1);
		size_t size = 1;
		object[0] = at(0);
		for (size_t grown; (grown = size * steps[i] + 1) <= MOST; size = grown)
			object = resize(object, size, grown);
		for (size_t shrunk; (shrunk = size / steps[i]) >= 1; size = shrunk)
			object = resize(object, size, shrunk);
		free(object);
	}

	uint64_t random = 88172645463325252ULL;
	unsigned char *objects[32] = { 0 };
	size_t sizes[32] = { 0 };
	for (int i = 0; i < 3000; i++) {
		random ^= random << 13, random ^= random >> 7, random ^= random << 17;
		int slot = (int)(random % 32);
		size_t size = 1 + (random >> 8) % ((size_t)1 << ((random >> 40) % 19));
		objects[slot] = resize(objects[slot], sizes[slot], size);
		sizes[slot] = size;
	}
	for (int i = 0; i < 32; i++)
		free(objects[i]);
	return 0;
}
