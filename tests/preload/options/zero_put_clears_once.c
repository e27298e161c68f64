/*
 * With TIDEPOOL_ZERO=put an object is clear as soon as it is freed, and calloc does not clear it
 * again: what a program wrongly writes into it meanwhile is still there.
 * @env TIDEPOOL_ZERO=put
 * @env TIDEPOOL_ADMIT=0
 * @env TIDEPOOL_TICK=0
 * @variants rseq lock delay norseq
 */
#include <stdlib.h>

#include "expect.h"
#include "places.h"

int main(void)
{
	static const size_t sizes[] = { 16, 40, 500, 5000, 50000, 65536 };

	places_find();
	places_stay(0, 0);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		size_t size = sizes[i];
		volatile unsigned char *object = malloc(size);

		EXPECT(object, "no memory");
		memset((void *)object, 0xff, size);
		free((void *)object);
		for (size_t j = 0; j < size; j++)
			EXPECT(object[j] == 0, "byte %zu of %zu is %#x after free", j, size, object[j]);
		object[5] = 7;
		unsigned char *again = calloc(1, size);
		EXPECT(again == object, "another object of %zu bytes came", size);
		EXPECT(again[5] == 7, "an object of %zu bytes was cleared twice", size);
		again[5] = 0;
		free(again);
	}
	return 0;
}
