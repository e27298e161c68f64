/*
 * Seccomp filters in raw BPF: one that refuses the calls in a list with an error, one that traps
 * every call outside a list. Filters are for good, and inherited by threads made later and by exec.
 */
#ifndef TEST_FILTER_H
#define TEST_FILTER_H

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "expect.h"

#define FILTER_CALLS 64

/* Install: the calls listed get one verdict, all others the other. SKIPs where filters are refused. */
static inline void filter_install(const int *calls, int count, unsigned listed, unsigned others)
{
	struct sock_filter code[FILTER_CALLS + 3];
	int length = 0;

	EXPECT(count <= FILTER_CALLS, "%d system calls are too many", count);
	code[length++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (int i = 0; i < count; i++)
		code[length++] = (struct sock_filter)BPF_JUMP(
		    BPF_JMP | BPF_JEQ | BPF_K, (unsigned)calls[i], (unsigned char)(count - i), 0);
	code[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, others);
	code[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, listed);

	struct sock_fprog program = { (unsigned short)length, code };
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
		SKIP("seccomp filters are refused here: %s", strerror(errno));
}

/* From now on, calls in the list fail with this error. */
static inline void filter_refuse(const int *calls, int count, int error)
{
	filter_install(calls, count, SECCOMP_RET_ERRNO | (unsigned)error, SECCOMP_RET_ALLOW);
}

/* From now on, every call outside the list sends SIGSYS. */
static inline void filter_allow_only(const int *calls, int count)
{
	filter_install(calls, count, SECCOMP_RET_ALLOW, SECCOMP_RET_TRAP);
}

#endif
