/*
 * The table of classes: from the options and the policy to what is in force.
 *
 * Runs once, in tp_start, perhaps before anything else in the process. The table
 * itself (tp_classes) is in slab.h.
 */
#ifndef TP_CLASSES_H
#define TP_CLASSES_H

#include "policy/language.h"

/*
 * Build tp_classes: the defaults, then the file that TIDEPOOL_POLICY names, then TIDEPOOL_CLASSES.
 * Says what is wrong with either. Does not return when TIDEPOOL_STRICT meets something wrong.
 */
void tp_classes_start(void);

/* Append the policy in force, in its own language; TP_LANGUAGE_PRINT_BYTES are enough. */
void tp_classes_print(struct tp_line *line);

#endif
