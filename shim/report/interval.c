/* Statistics at intervals. See interval.h. */
#include "shim/report/interval.h"

#include "shim/base/compiler.h"
#include "shim/base/output.h"
#include "shim/base/process.h"
#include "shim/tick/timer.h"

TP_START_CODE void tp_interval_start(void (*write)(void))
{
	if (tp_process_interval_ns() != 0)
		tp_timer_every(tp_process_interval_ns(), write);
	else if (tp_process.options.stats_interval.number != 0)
		tp_output_say("TIDEPOOL_STATS_INTERVAL needs a TIDEPOOL_STATS_FILE; using 0");
}
