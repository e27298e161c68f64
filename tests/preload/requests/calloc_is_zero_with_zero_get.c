/*
 * calloc gives zeroed memory after dirty reuse also with TIDEPOOL_ZERO=get.
 * @env TIDEPOOL_ZERO=get
 * @variants rseq lock delay norseq
 */
#include "calloc_is_zero_after_dirty_reuse.c"
