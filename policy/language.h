/*
 * The policy language: which sizes are pooled and how, as a person writes it.
 *
 * Pure: it reads bytes, changes a table of classes, and writes into a buffer. README.md has the grammar and what each
 * setting means.
 */
#ifndef TP_POLICY_LANGUAGE_H
#define TP_POLICY_LANGUAGE_H

#include <stddef.h>

#include "policy/class.h"
#include "policy/line.h"

/* Why a directive is ignored, and the place that is wrong. */
struct tp_language_error {
	size_t offset; /* bytes from the start of the text */
	size_t line; /* from 1 */
	size_t column; /* in that line, in bytes, from 1 */
	const char *reason; /* valid while report runs */
};

/* Bytes of a buffer that holds any policy written out, with the null byte. */
#define TP_LANGUAGE_PRINT_BYTES (TP_CLASS_LIMIT * 64U)

/*
 * Apply the directives of @text to @classes, in their order. A wrong directive changes nothing; @report is called once
 * for it, with @context. The caller calls tp_language_finish after the last text.
 * Arguments: text, @bytes bytes of any value.
 */
void tp_language_parse(struct tp_classes *classes, const char *text, size_t bytes,
    void (*report)(void *context, const struct tp_language_error *error), void *context);

/* Bound the counts of each class by its cap, and index the classes (tp_class_index). */
void tp_language_finish(struct tp_classes *classes);

/*
 * Append the policy that leads from the default classes to the finished @classes, one directive a line. The defaults
 * must have the same largest size. @zero: how the defaults clear. If it is not off, the text says of each class how it
 * clears, so that the text means the same under every default.
 */
void tp_language_print(const struct tp_classes *classes, enum tp_class_zero zero, struct tp_line *line);

#endif
