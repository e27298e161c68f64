/*
 * The routes of a owner that begins while a slab comes, goes and is handed over, for spin: do they
 * agree with the slab in the end?
 *
 * Modelled: tp_pagemap_begin_routes, tp_pagemap_complete_routes and tp_pagemap_set_slab of shim/heap/pagemap.c, for
 * one granule and one owner. One process sets it, as a lock or the ownership of a slab sees to that. Each process
 * has x86's store buffer: stores are seen by others later, in their order; a fence waits until
 * they are.
 *
 * Settings: SETS. Mutations, each of which must fail:
 *
 *   ONE_LOOK         the routes are written once, and not looked at again
 *   NO_LOOK_FENCE    a look does not wait until what was written is seen
 *   NO_SET_FENCE     a slab that is set looks for owners before its class is seen
 *   LOOK_BEFORE      the owner looks at the slabs before it says that it is there
 */
#ifndef SETS
#define SETS 3
#endif
#define SETTER 0
#define OWNER 1
#define BUFFER 4

mtype = { SLAB_OWNER, CLASS, BEGUN, ROUTE };

bit own;      /* slab->owner: whether it is the owner that begins */
bit class;    /* the class map: whether there is a slab of the class */
bit begun;    /* the owner's bit */
byte route;   /* the owner's routes */
byte done;

#define STACK(class, own) ((class) -> ((own) -> 1 : 2) : 0) /* closed, the class's, the remote objects' */

chan buffer[2] = [BUFFER] of { mtype, byte };

#define STORE(process, where, value) buffer[process] ! where, value
#define FENCE(process) empty(buffer[process])

#ifndef NO_LOOK_FENCE
#define LOOK_FENCE FENCE(OWNER)
#else
#define LOOK_FENCE skip
#endif
#ifndef NO_SET_FENCE
#define SET_FENCE FENCE(SETTER)
#else
#define SET_FENCE skip
#endif

/* What the processors do by and by. */
proctype drain(bit process)
{
	byte value;

	do
	:: atomic { buffer[process] ? SLAB_OWNER, value -> own = value }
	:: atomic { buffer[process] ? CLASS, value -> class = value }
	:: atomic { buffer[process] ? BEGUN, value -> begun = value }
	:: atomic { buffer[process] ? ROUTE, value -> route = value }
	:: done == 2 && empty(buffer[process]) -> break
	od
}

/* A slab comes with a owner, is handed over, and goes. */
active proctype set()
{
	bit to_class, to_own;
	byte i;

	for (i : 1 .. SETS) {
		if
		:: to_class = 1; to_own = 0
		:: to_class = 1; to_own = 1
		:: to_class = 0
		fi
		if
		:: to_class -> STORE(SETTER, SLAB_OWNER, to_own)
		:: else
		fi
		STORE(SETTER, CLASS, to_class);
		SET_FENCE;
		if
		:: begun -> STORE(SETTER, ROUTE, STACK(to_class, to_own))
		:: else
		fi
	}
	done++
}

inline look()
{
	seen_class = class;
	seen_own = own;
	if
	:: route != STACK(seen_class, seen_own) ->
		STORE(OWNER, ROUTE, STACK(seen_class, seen_own));
		agreed = false
	:: else
	fi
}

active proctype begin()
{
	bit seen_class, seen_own;
	bool agreed;

#ifdef LOOK_BEFORE
	look();
	LOOK_FENCE;
#endif
	STORE(OWNER, BEGUN, 1);
	FENCE(OWNER); /* an atomic exchange is one */
#ifndef LOOK_BEFORE
	do
	:: LOOK_FENCE ->
		agreed = true;
		look();
		if
#ifndef ONE_LOOK
		:: !agreed
#endif
		:: else -> break
		fi
	od;
#endif
	done++
}

active proctype check()
{
	done == 2 && empty(buffer[SETTER]) && empty(buffer[OWNER]);
	assert(route == STACK(class, own))
}

init
{
	run drain(SETTER);
	run drain(OWNER)
}
