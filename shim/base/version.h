/* The versions: of the library, and of the names in its JSON. */
#ifndef TP_VERSION_H
#define TP_VERSION_H

#define TP_VERSION "0.1.0"

/* A dump without this number has version 1. */
#define TP_STATS_SCHEMA 2

#endif
