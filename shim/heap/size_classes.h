/*
 * The size classes in force: from the options and the policy to one table.
 *
 * Built once, in tp_start, perhaps before anything else in the process; read-only afterwards, by any thread.
 */
#ifndef TP_SIZE_CLASSES_H
#define TP_SIZE_CLASSES_H

#include "policy/class.h"
#include "policy/language.h"

extern struct tp_classes tp_classes;

/*
 * Build tp_classes: the defaults, then the file that TIDEPOOL_POLICY names, then TIDEPOOL_CLASSES.
 * Says what is wrong with either. Does not return when TIDEPOOL_STRICT meets something wrong.
 */
void tp_size_classes_start(void);

/* Append the policy in force, in its own language; TP_LANGUAGE_PRINT_BYTES are enough. */
void tp_size_classes_print(struct tp_line *line);

#endif
