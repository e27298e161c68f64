/*
 * calloc gives zeroed memory after dirty reuse also with TIDEPOOL_ZERO=put.
 * @env TIDEPOOL_ZERO=put
 * @variants rseq lock delay norseq
 */
#include "calloc_is_zero_after_dirty_reuse.c"
