/*
 * The policy language under libFuzzer: any bytes are read onto default classes. Whatever they are, the table
 * is sound, an error has a place in the text and a reason, and the policy written out reads as itself.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/support/policies.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

struct text {
	const char *start;
	size_t bytes;
	size_t last_offset; /* of an error, and one more: each is behind the one before */
};

static void stop(const char *reason)
{
	fprintf(stderr, "language_fuzz: %s\n", reason);
	abort();
}

static void check_error(void *context, const struct tp_language_error *error)
{
	struct text *text = context;
	size_t line = 1, line_start = 0;

	if (error->offset > text->bytes || error->offset + 1 <= text->last_offset)
		stop("an error is not in the text, or not behind the one before");
	text->last_offset = error->offset + 1;
	for (size_t i = 0; i < error->offset; i++) {
		if (text->start[i] == '\n') {
			line++;
			line_start = i + 1;
		}
	}
	if (error->line != line || error->column != error->offset - line_start + 1)
		stop("an error has a wrong line or column");
	if (!*error->reason)
		stop("an error has no reason");
	for (const char *c = error->reason; *c; c++)
		if (*c < ' ' || *c > '~')
			stop("a reason has a byte that may move a terminal's cursor");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	/* The largest takes a thousand times as long as the smallest. */
	static const size_t sizes[] = { 65536, 16, 4096, 256, 8192, 16, 1024, 48, 4096, 16, 512, 131072, 4096, 16, 512,
		1048576 };
	static struct tp_classes classes;
	/* By the length, so that every byte is text. */
	size_t max_bytes = sizes[bytes % 16];
	enum tp_class_zero zero = (enum tp_class_zero)(bytes / 16 % 3);
	struct text text = { .start = (const char *)data, .bytes = bytes };
	const char *reason;

	tp_class_build(&classes, max_bytes, zero);
	tp_language_parse(&classes, text.start, bytes, check_error, &text);
	tp_language_finish(&classes);
	reason = policies_fault(&classes);
	if (!reason)
		reason = policies_loss(&classes, zero);
	if (reason)
		stop(reason);
	return 0;
}
