/*
 * The policy language: which sizes are pooled and how, as a person writes it.
 *
 * Pure: reads bytes, changes a table of classes, writes into a buffer. The grammar and
 * what it means are in policy/README.md.
 */
#ifndef TP_POLICY_LANGUAGE_H
#define TP_POLICY_LANGUAGE_H

#include <stddef.h>

#include "policy/class.h"
#include "policy/line.h"

/* Why a directive is ignored, and where it went wrong. */
struct tp_language_error {
	size_t offset; /* bytes from the start of the text */
	size_t line; /* from 1 */
	size_t column; /* in that line, in bytes, from 1 */
	const char *reason;
};

/* A buffer of so many bytes holds every policy written out, with the null byte. */
#define TP_LANGUAGE_PRINT_BYTES (TP_CLASS_LIMIT * 64U)

/*
 * Apply the directives of @text, in their order, to @classes. A wrong one changes nothing and is
 * reported once. tp_language_finish is due after the last text.
 * Arguments: text, any @bytes bytes; report, called with @context, for whose duration the error lives.
 */
void tp_language_parse(struct tp_classes *classes, const char *text, size_t bytes,
    void (*report)(void *context, const struct tp_language_error *error), void *context);

/* Bound each class's counts by its cap, and index the table. */
void tp_language_finish(struct tp_classes *classes);

/*
 * Append the policy that finished @classes are, a directive a line: it turns default classes, of the same
 * largest size, into these. @zero: what those do by default; where that is not off, clearing is said of
 * each class, so that the text means the same whatever the default.
 */
void tp_language_print(const struct tp_classes *classes, enum tp_class_zero zero, struct tp_line *line);

#endif
