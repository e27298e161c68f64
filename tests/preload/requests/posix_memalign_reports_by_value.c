/* posix_memalign returns EINVAL for a wrong alignment, stores nothing then, and leaves errno alone. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "expect.h"

int main(void)
{
	static const size_t wrong[] = { 0, 1, 2, 3, 4, 7, 9, 12, 24, 48, 100, 4095, 4097, 12288 };

	errno = 5;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		void *object = &errno;
		int error = posix_memalign(&object, wrong[i], 100);
		EXPECT(error == EINVAL, "alignment %zu returned %d", wrong[i], error);
		EXPECT(object == &errno, "alignment %zu stored %p", wrong[i], object);
		EXPECT(errno == 5, "alignment %zu set errno to %d", wrong[i], errno);
	}
	for (size_t alignment = sizeof(void *); alignment <= 2 << 20; alignment *= 2) {
		void *object = NULL;
		int error = posix_memalign(&object, alignment, 100);
		EXPECT(error == 0 && object, "alignment %zu returned %d", alignment, error);
		EXPECT(((uintptr_t)object & (alignment - 1)) == 0, "alignment %zu gave %p", alignment, object);
		EXPECT(errno == 5, "alignment %zu set errno to %d", alignment, errno);
		free(object);
	}
	return 0;
}
