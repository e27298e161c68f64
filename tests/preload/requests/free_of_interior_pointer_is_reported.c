/*
 * Pointers into objects are freed in their thousands; the first that a flush sees is reported in
 * one line, and the program stops.
 * @stderr tidepool: free(): %p is not the start of an object
 * @status signal 6
 */
#include <stdlib.h>

#include "expect.h"

#define COUNT 20000

int main(void)
{
	static char *objects[COUNT];

	for (int i = 0; i < COUNT; i++) {
		objects[i] = malloc(1000);
		EXPECT(objects[i], "no memory");
	}
	for (int i = 0; i < COUNT; i++)
		free(objects[i] + 16);
	return 0;
}
