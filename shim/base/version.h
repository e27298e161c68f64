/* The version, as the stats and the first line print it. */
#ifndef TP_VERSION_H
#define TP_VERSION_H

#define TP_VERSION "0.1.0"

/* The version of the JSON's names. 1 had no number in the dump. */
#define TP_STATS_SCHEMA 2

#endif
