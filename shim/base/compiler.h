/* Words for the compiler: which branch is likely, which name is exported, where code lies. */
#ifndef TP_COMPILER_H
#define TP_COMPILER_H

#define TP_LIKELY(x) __builtin_expect(!!(x), 1)
#define TP_UNLIKELY(x) __builtin_expect(!!(x), 0)
#define TP_EXPORT __attribute__((visibility("default")))

/* For functions that every process runs once: they lie side by side, so that they touch few pages. */
#define TP_START_CODE __attribute__((section(".text.startup")))

/* For the entry points of the hot path: each has two cache lines of code, and they lie side by side. */
#define TP_HOT_CODE __attribute__((hot, aligned(128)))

#endif
