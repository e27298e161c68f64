/*
 * Threads whose rseq registration has been taken back, which the kernel then neither restarts nor
 * tells their CPU, allocate beside threads that have one: no object is handed out twice.
 * @variants rseq lock delay norseq
 */
#include <linux/rseq.h>
#include <sys/rseq.h>
#include <sys/syscall.h>

#include "churn.h"

#define REGISTERED 3
#define UNREGISTERED 3

static void *unregister_and_allocate(void *argument)
{
	/* glibc 2.36 registers 32 bytes; a later one may register what the kernel offers */
	char *area = (char *)__builtin_thread_pointer() + __rseq_offset;
	long error = -1;

	for (unsigned size = 32; __rseq_size && error && size <= 256; size += 32)
		error = syscall(SYS_rseq, area, size, RSEQ_FLAG_UNREGISTER, RSEQ_SIG);
	EXPECT(!__rseq_size || !error, "cannot unregister: %s", strerror(errno));
	return churn_thread(argument);
}

int main(void)
{
	static struct churn churns[REGISTERED], late_churns[UNREGISTERED];
	pthread_t threads[REGISTERED], late_threads[UNREGISTERED];

	churn_init_slots();
	churn_start(threads, churns, REGISTERED, 1);
	for (unsigned i = 0; i < UNREGISTERED; i++) {
		churn_init(&late_churns[i], 100 + i);
		EXPECT(
		    pthread_create(&late_threads[i], NULL, unregister_and_allocate, &late_churns[i]) == 0, "no thread");
	}
	sleep(4);
	churn_end(late_threads, UNREGISTERED);
	churn_end(threads, REGISTERED);
	churn_finish_slots();
	return 0;
}
