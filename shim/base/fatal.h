/* The end of a program whose heap is damaged: one line, then abort. */
#ifndef TP_FATAL_H
#define TP_FATAL_H

/*
 * Report that free() of @object cannot be right and stop with SIGABRT.
 * @why follows the pointer in the line. Called with no lock held.
 */
_Noreturn void tp_fatal_free(const void *object, const char *why);

#endif
