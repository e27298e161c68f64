/*
 * On one CPU, the object freed last is the next one handed out, in every size; a third request
 * gets neither of the two.
 * @env TIDEPOOL_ADMIT=0
 * @env TIDEPOOL_TICK=0
 * @variants rseq lock delay norseq
 */
#include <stdlib.h>

#include "places.h"

int main(void)
{
	places_find();
	places_stay(0, 0);
	for (size_t size = 16; size <= 65536; size += size < 4096 ? 48 : 1600) {
		void *first = malloc(size), *second = malloc(size);

		EXPECT(first && second && first != second, "no two objects of %zu bytes", size);
		free(first);
		free(second);
		void *newest = malloc(size), *older = malloc(size), *other = malloc(size);
		EXPECT(newest == second, "%zu bytes: %p was freed last, %p came back", size, second, newest);
		EXPECT(older == first, "%zu bytes: %p was freed first, %p came back second", size, first, older);
		EXPECT(other != first && other != second, "%zu bytes: an object is there twice", size);
		free(newest);
		free(older);
		free(other);
	}
	return 0;
}
