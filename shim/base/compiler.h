/* What is said to the compiler: which branch is likely, what is exported, where code lies. */
#ifndef TP_COMPILER_H
#define TP_COMPILER_H

#define TP_LIKELY(x) __builtin_expect(!!(x), 1)
#define TP_UNLIKELY(x) __builtin_expect(!!(x), 0)
#define TP_EXPORT __attribute__((visibility("default")))

/* For what every process runs once, in files of which most run nothing else: it lies beside other such code. */
#define TP_START_CODE __attribute__((section(".text.startup")))

/* For the entry points of the hot path: two cache lines of code each, side by side. */
#define TP_HOT_CODE __attribute__((hot, aligned(128)))

#endif
