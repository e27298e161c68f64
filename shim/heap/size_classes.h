/*
 * The size classes in force: one table, made from the options and the policy.
 *
 * Owns tp_classes. It is built once, in tp_start, perhaps before any other code of the process. After that any thread
 * may read it, and none may write.
 */
#ifndef TP_SIZE_CLASSES_H
#define TP_SIZE_CLASSES_H

#include "policy/class.h"
#include "policy/language.h"

extern struct tp_classes tp_classes;

/*
 * Build tp_classes from the defaults, then the file that TIDEPOOL_POLICY names, then TIDEPOOL_CLASSES.
 * Warns of all that is wrong in either, and under TIDEPOOL_STRICT ends the program after the warnings. errno is kept.
 */
void tp_size_classes_start(void);

/* Append the policy in force, in the policy language. TP_LANGUAGE_PRINT_BYTES are enough room. */
void tp_size_classes_print(struct tp_line *line);

#endif
