/* calloc and reallocarray refuse a count and a size whose product does not fit. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "expect.h"

static const size_t factors[][2] = {
	{ SIZE_MAX / 2 + 1, 2 },
	{ 2, SIZE_MAX / 2 + 1 },
	{ (size_t)1 << 32, (size_t)1 << 32 },
	{ SIZE_MAX, SIZE_MAX },
	{ ((size_t)1 << 32) + 1, ((size_t)1 << 32) - 1 + 2 },
	{ SIZE_MAX / 16 + 2, 16 },
};

int main(void)
{
	for (size_t i = 0; i < sizeof factors / sizeof *factors; i++) {
		volatile size_t count = factors[i][0], size = factors[i][1];

		errno = 0;
		void *object = calloc(count, size);
		EXPECT(!object && errno == ENOMEM, "calloc(%#zx, %#zx) gave %p, errno %d", count, size, object, errno);

		unsigned char *kept = malloc(100);
		memset(kept, 'k', 100);
		errno = 0;
		object = reallocarray(kept, count, size);
		EXPECT(!object && errno == ENOMEM, "reallocarray(%#zx, %#zx) gave %p, errno %d", count, size, object,
		    errno);
		EXPECT(kept[0] == 'k' && kept[99] == 'k', "a refused reallocarray changed the object");
		free(kept);
	}

	int *grown = reallocarray(NULL, 1000, sizeof *grown);
	EXPECT(grown, "reallocarray gave no memory");
	grown[999] = 7;
	grown = reallocarray(grown, 5000, sizeof *grown);
	EXPECT(grown && grown[999] == 7, "reallocarray lost the contents");
	free(grown);
	return 0;
}
