/*
 * The turn of the generations, for spin: is every object always in exactly one place?
 *
 * Modelled: the sections of shim/arch (pop, push; push_batch and pop_batch are these with more
 * objects; move), the slow paths of shim/entry/allocate.c and shim/pool/steal.c, the turn of
 * shim/tick/turn.c, the doze of shim/tick/timer.c, the fork of shim/host/fork.c. One class, a few
 * objects, a capacity of one or two.
 *
 * Places: a stack below its top; an overflow; the slabs; the program; the hands of a
 * slow path. An object moves in the step that commits, and each such step checks that
 * the places share no object (a second place: handed out twice) and that none lacks
 * (lost). A slot written without commit is no place.
 *
 * What is wider than the code, so that no order of steps is missed:
 *   - where the code looks at a hint, or goes from source to source, the model tries
 *     any source, of any generation: the code may have read the primary long ago
 *   - a section may be aborted at any step, and its thread may go on on any CPU
 *   - the overflows of a generation are one set: each is only touched under its lock
 *   - a stack may grow at any time, also an open one, which then only moves its slots:
 *     they count from the bottom, so that it is as it was, unless somebody was disturbed
 * What is not here: counters, the order of objects in an overflow, slabs and the
 * backend, vfork, weaker memory than sequential consistency (x86's store buffers are
 * drained by the interrupt that is the fence).
 *
 * Settings: CPUS, OBJECTS, CAPACITY; LOCKED: without rseq; DOZE: with the doze; FORK:
 * with a fork; GROW: stacks begin closed, and grow. Mutations, each of which must fail:
 *
 *   NO_FENCE              no membarrier between the flip and the opening
 *   NO_SEAL               a drained victim stays open while it becomes the primary
 *   OPEN_BEFORE_FENCE     the old primary is opened before the flip and the fence
 *   NO_VICTIM_CHECK       who takes from a stack does not look whether it is open
 *   TABLE_BEFORE_SECTION  the table is read before the section, and not at a restart
 *   FORK_IN_TURN          fork does not wait for the turn (with FORK)
 *   WAKE_UNLOCKED         waking reads the primary and stores the table without the
 *                         lock under which a turn changes both (with DOZE)
 *   NO_CACHE_CHECK        a move does not look whether its stack is that of the CPU it
 *                         runs on, in the primary generation (with GROW)
 *   NO_HEADER_CHECK       a move does not look whether the stack is as it was (with GROW)
 *   GROW_UNLOCKED         a stack grows without its lock (with GROW and LOCKED)
 */
#ifndef CPUS
#define CPUS 2
#endif
#ifndef OBJECTS
#define OBJECTS 2
#endif
#ifndef CAPACITY
#define CAPACITY 1
#endif
#define WORKERS 2
#define TICKER WORKERS

/* An object is a bit, a place a set of bits. */
#define ALL ((1 << OBJECTS) - 1)
#define NULL 0

/* tp_hot_primary: the table of generation 0 or 1, or the one that is closed for good. */
#define CLOSED 2
byte table;
bit primary;

/* struct tp_cache, of stacks[generation][cpu]. The header is its depth. */
#define STACK(generation, cpu) ((generation) * CPUS + (cpu))
#define STACKS (2 * CPUS)
byte depth[STACKS];
byte slots[STACKS * CAPACITY];
bit victim[STACKS];
bit locked[STACKS];
#define SLOT(stack, index) slots[(stack) * CAPACITY + (index)]

/* Whether a stack has slots. */
#ifdef GROW
bit open[STACKS];
#define HAS_ROOM(stack, held) (open[stack] && (held) < CAPACITY)
#else
#define HAS_ROOM(stack, held) ((held) < CAPACITY)
#endif

byte overflow[2];
byte slabs = ALL;
byte program;
byte hands[WORKERS + 1]; /* what is in the hands of each worker and, last, of the ticker */
byte left;               /* in a forked child: in the hands of threads that it does not have */

/*
 * Whether a section is under way on a CPU. Any section may be aborted, so who is to
 * abort one, the next on that CPU or the fence, waits for that: no order is lost.
 */
bit inside[CPUS];

bit tide_lock;
bit duty_wake;    /* TP_TIMER_WAKE */
byte survivor;    /* in a forked child: its one thread, counted from 1 */
bit ticker_reset; /* in a forked child: the ticker begins anew */

/* What fork waits for. Slabs and overflows are locked within one step. */
#if CPUS > 1
#define STACKS_UNLOCKED !(locked[0] || locked[1] || locked[2] || locked[3])
#else
#define STACKS_UNLOCKED !(locked[0] || locked[1])
#endif
#ifndef FORK_IN_TURN
#define FORK_LOCKS_FREE (!tide_lock && STACKS_UNLOCKED)
#else
#define FORK_LOCKS_FREE STACKS_UNLOCKED
#endif

/* Whether a stack, under its lock, is open to all. */
#ifndef NO_VICTIM_CHECK
#define MAY_TAKE(stack) (victim[stack])
#else
#define MAY_TAKE(stack) true
#endif

/* Where the primary is read: inside the section, so that a restart reads it again. */
#ifndef TABLE_BEFORE_SECTION
#define READ_TABLE_BEFORE
#define READ_TABLE_INSIDE g = table
#define FORGET_TABLE g = 0
#else
#define READ_TABLE_BEFORE g = table;
#define READ_TABLE_INSIDE skip
#define FORGET_TABLE skip
#endif

/* ---- what is to hold */

byte seen; /* 0 between steps */

inline place(objects)
{
	assert((seen & (objects)) == 0); /* else one is in two places */
	seen = seen | (objects);
}

inline place_stack(stack)
{
	if
	:: depth[stack] > 0 -> place(SLOT(stack, 0))
	:: else
	fi;
#if CAPACITY > 1
	if
	:: depth[stack] > 1 -> place(SLOT(stack, 1))
	:: else
	fi;
#endif
}

inline check()
{
	seen = program;
	place(slabs);
	place(overflow[0]);
	place(overflow[1]);
	place(left);
	place(hands[0]);
	place(hands[1]);
	place(hands[TICKER]);
	place_stack(STACK(0, 0));
	place_stack(STACK(1, 0));
#if CPUS > 1
	place_stack(STACK(0, 1));
	place_stack(STACK(1, 1));
#endif
	assert(seen == ALL); /* else one is lost */
	seen = 0;
}

/* Add an object to a set; the check that follows cannot see one that was there twice. */
inline add(set, object)
{
	assert((set & (object)) == 0); /* else it is in two places */
	set = set | (object);
}

/*
 * Commit a pop that read the header as h. The code leaves the word in its slot; here it
 * is wiped, as is what an aborted push wrote, which saves states: readers have read the
 * slot together with the header, and nobody reads above it.
 */
inline unstack(stack)
{
	SLOT(stack, h - 1) = NULL;
	depth[stack] = h - 1
}

inline choose_cpu(cpu)
{
	if
	:: cpu = 0
#if CPUS > 1
	:: cpu = 1
#endif
	fi
}

inline choose_generation(which)
{
	if
	:: which = 0
	:: which = 1
	fi
}

/* One object of a set. Those in one set are alike to the model, so the lowest will do. */
inline choose_object(set, object)
{
	if
	:: set & 1 -> object = 1
	:: !(set & 1) && (set & 2) -> object = 2
	:: !(set & 3) && (set & 4) -> object = 4
	fi
}

/* ---- the stack of a CPU: sections, or, LOCKED, what lock_current guards */

#ifndef LOCKED

/*
 * TP_RSEQ_BEGIN and the first half of TP_RSEQ_LOAD_HEADER: be on a CPU, where
 * no other section is, then read the table, inside the section.
 */
inline section_begin()
{
	choose_cpu(c);
	!inside[c] -> inside[c] = 1;
	READ_TABLE_INSIDE
}

/* The kernel: preemption, migration, a signal or the fence; the section starts again. */
inline section_abort()
{
	inside[c] = 0; c = 0; h = 0; FORGET_TABLE
}

/* tp_rseq_pop, tp_rseq_pop_batch: to @set, and @object is which; NULL when refused. */
inline pop(set, object)
{
	READ_TABLE_BEFORE
	do
	:: atomic { section_begin() };
	   if
	   :: atomic { g == CLOSED || depth[STACK(g, c)] == 0 -> inside[c] = 0; c = 0; g = 0; break }
	   :: atomic { g != CLOSED && depth[STACK(g, c)] > 0 ->
		   h = depth[STACK(g, c)]; object = SLOT(STACK(g, c), h - 1) };
	      if
	      :: atomic {
		      d_step { unstack(STACK(g, c)); add(set, object); check() };
		      inside[c] = 0; c = 0; g = 0; h = 0; break }
	      :: atomic { object = NULL; section_abort() }
	      fi
	   :: atomic { section_abort() }
	   fi
	od
}

/* tp_rseq_push, tp_rseq_push_batch: @object from @set; it stays there when refused. */
inline push(set, object, done)
{
	READ_TABLE_BEFORE
	do
	:: atomic { section_begin() };
	   if
	   :: atomic { g == CLOSED || !HAS_ROOM(STACK(g, c), depth[STACK(g, c)]) ->
		   inside[c] = 0; c = 0; g = 0; break }
	   :: atomic { g != CLOSED && HAS_ROOM(STACK(g, c), depth[STACK(g, c)]) -> h = depth[STACK(g, c)] };
	      if
	      :: atomic { SLOT(STACK(g, c), h) = object };
		 if
		 :: atomic {
			 d_step { depth[STACK(g, c)] = h + 1; set = set & ~object; check() };
			 inside[c] = 0; done = 1; c = 0; g = 0; h = 0; break }
		 :: atomic { SLOT(STACK(g, c), h) = NULL; section_abort() }
		 fi
	      :: atomic { section_abort() }
	      fi
	   :: atomic { section_abort() }
	   fi
	od
}

#else

/* lock_current: which generation is read before the lock, and is looked at again under it. */
inline lock_current()
{
	do
	:: atomic { choose_cpu(c); g = primary };
	   atomic {
		   !locked[STACK(g, c)];
		   if
		   :: !victim[STACK(g, c)] ->
		      locked[STACK(g, c)] = 1; h = depth[STACK(g, c)]; break
		   :: else
		   fi
	   }
	od
}

/* tp_stack_pop and tp_stack_pop_batch under the lock: shim/pool/stack.c */
inline pop(set, object)
{
	lock_current();
	atomic {
		if
		:: h == 0 -> object = NULL
		:: else -> object = SLOT(STACK(g, c), h - 1);
		   d_step { unstack(STACK(g, c)); add(set, object); check() }
		fi;
		locked[STACK(g, c)] = 0; c = 0; g = 0; h = 0
	}
}

/* tp_stack_push and tp_stack_push_batch under the lock */
inline push(set, object, done)
{
	lock_current();
	atomic {
		if
		:: !HAS_ROOM(STACK(g, c), h) -> done = 0
		:: else -> SLOT(STACK(g, c), h) = object; done = 1;
		   d_step { depth[STACK(g, c)] = h + 1; set = set & ~object; check() }
		fi;
		locked[STACK(g, c)] = 0; c = 0; g = 0; h = 0
	}
}

#endif

/* ---- what locks guard */

/*
 * take_stack() of shim/pool/steal.c: if it is open, which is looked at under the lock.
 * To @set, and @object is which; NULL when there is none.
 */
inline take_stack(set, object, generation, cpu)
{
	atomic {
		!locked[STACK(generation, cpu)];
		if
		:: MAY_TAKE(STACK(generation, cpu)) && depth[STACK(generation, cpu)] > 0 ->
		   locked[STACK(generation, cpu)] = 1;
		   h = depth[STACK(generation, cpu)];
		   object = SLOT(STACK(generation, cpu), h - 1)
		:: else -> object = NULL
		fi
	};
	if
	:: object == NULL
	:: object != NULL ->
	   atomic {
		   d_step { unstack(STACK(generation, cpu)); add(set, object); check() };
		   locked[STACK(generation, cpu)] = 0; h = 0
	   }
	fi
}

#ifdef GROW

#ifndef NO_CACHE_CHECK
#define IS_CURRENT (table == g && x == c)
#else
#define IS_CURRENT true
#endif
#ifndef NO_HEADER_CHECK
#define IS_AS_IT_WAS (depth[STACK(g, c)] == h)
#else
#define IS_AS_IT_WAS true
#endif
#ifndef GROW_UNLOCKED
#define GROW_LOCK(value) locked[STACK(g, c)] = value
#define GROW_MAY_LOCK (!locked[STACK(g, c)])
#else
#define GROW_LOCK(value) skip
#define GROW_MAY_LOCK true
#endif

/* The commit. */
inline move()
{
	d_step {
		SLOT(STACK(g, c), 0) = object;
		depth[STACK(g, c)] = h;
		open[STACK(g, c)] = 1;
		check();
		GROW_LOCK(0);
		c = 0; g = 0; h = 0; object = NULL; done = 0
	}
}

/*
 * tp_stack_grow: the CPU and the generation are hints; under the lock it is looked
 * whether it is a victim. Then tp_rseq_move on the CPU x: the slots are read
 * inside, in one step with the checks, as only who is on another CPU could change
 * them before the commit. Or, LOCKED, the same by plain stores.
 */
inline grow()
{
	atomic {
		choose_cpu(c);
		choose_generation(g);
		if
		:: GROW_MAY_LOCK && !victim[STACK(g, c)] -> GROW_LOCK(1); h = depth[STACK(g, c)]; done = 1
		:: else -> c = 0; g = 0
		fi
	};
	do
	:: !done -> break
#ifdef LOCKED
	:: done -> object = SLOT(STACK(g, c), 0); move()
#else
	:: atomic {
		done ->
		if
		:: !inside[0] -> x = 0
#if CPUS > 1
		:: !inside[1] -> x = 1
#endif
		fi;
		if
		:: IS_CURRENT && IS_AS_IT_WAS ->
		   inside[x] = 1;
		   if
		   :: h > 0 -> object = SLOT(STACK(g, c), 0)
		   :: else
		   fi
		:: else -> GROW_LOCK(0); c = 0; g = 0; h = 0; x = 0; done = 0; break
		fi };
	   if
	   :: atomic { inside[x] = 0; x = 0; move(); break }
	   :: atomic { inside[x] = 0; x = 0; object = NULL } /* aborted */
	   fi
#endif
	od
}

#endif

/* tp_slab_give: whatever is still in these hands. */
inline slab_give(set)
{
	d_step {
		add(slabs, set);
		set = 0;
		check()
	}
}

/* tp_steal_open_victims */
inline open_victims(generation)
{
	do
	:: c < CPUS ->
	   d_step { !locked[STACK(generation, c)] -> victim[STACK(generation, c)] = 1; c++ }
	:: else -> break
	od;
	c = 0
}

/* membarrier(PRIVATE_EXPEDITED_RSEQ): it reaches one CPU after the other. */
inline fence()
{
#if defined LOCKED || defined NO_FENCE
	skip
#else
	!inside[0];
#if CPUS > 1
	!inside[1]
#endif
#endif
}

/* ---- tp_cpus_wake: one step, as the turn changes the table and the primary under a lock */

inline wake(read)
{
#ifndef WAKE_UNLOCKED
	table = primary
#else
	read = primary;
	d_step { table = read; read = 0 }
#endif
}

/* tp_timer_notice, on each slow path */
inline notice()
{
#ifdef DOZE
	if
	:: duty_wake -> duty_wake = 0; wake(g); g = 0
	:: else
	fi
#else
	skip
#endif
}

/* ---- a thread of the program: malloc or free of any object, over and over, and fork */

proctype worker(byte me)
{
	byte c, g, h; /* CPU, generation and header, as a section has them in registers */
	byte object, other;
	bit done;
#ifdef GROW
	byte x;
#endif

#ifdef FORK
	{
#endif
	do
	:: /* get_pooled */
	   pop(program, object);
	   if
	   :: object != NULL
	   :: object == NULL ->
	      notice();
	      /* get_missed: tp_steal_take, then tp_slab_take */
	      if
	      :: atomic { overflow[0] -> choose_object(overflow[0], object) ->
		      overflow[0] = overflow[0] & ~object; add(program, object); d_step { check() } }
	      :: atomic { overflow[1] -> choose_object(overflow[1], object) ->
		      overflow[1] = overflow[1] & ~object; add(program, object); d_step { check() } }
	      :: atomic { choose_generation(g); choose_cpu(c) };
		 take_stack(program, object, g, c)
	      :: atomic { slabs -> choose_object(slabs, object); slabs = slabs & ~object; add(program, object);
		      /* a refill: one more, for the CPU's stack */
		      if
		      :: slabs -> choose_object(slabs, other); slabs = slabs & ~other; add(hands[me], other)
		      :: true
		      fi;
		      d_step { check() } };
		 if
		 :: other != NULL ->
		    push(hands[me], other, done);
		    slab_give(hands[me])
		 :: else
		 fi
	      :: true /* out of memory */
	      fi
	   fi;
	   atomic { c = 0; g = 0; object = NULL; other = NULL; done = 0 }

	:: /* put_pooled */
	   atomic {
		   program -> choose_object(program, object);
		   program = program & ~object;
		   add(hands[me], object)
	   };
	   push(hands[me], object, done);
	   if
	   :: done
	   :: else ->
	      notice();
	      pop(hands[me], other);
	      if
	      :: other != NULL ->
		 /* tp_steal_offer, or, where that is full, tp_slab_give */
		 atomic {
			 hands[me] = hands[me] & ~other;
			 if
			 :: add(overflow[0], other)
			 :: add(overflow[1], other)
			 :: add(slabs, other)
			 fi;
			 d_step { check() }
		 }
	      :: else
	      fi;
	      push(hands[me], object, done);
	      slab_give(hands[me])
	   fi;
	   atomic { object = NULL; other = NULL; done = 0 }

#ifdef GROW
	:: /* fill(), put_pooled: a stack has no room */
	   grow()
#endif

#ifdef FORK
	:: /*
	    * fork.c: with every lock held, so that no turn is under way, the world is
	    * copied, also when other workers are inside sections; from here on it is
	    * the child's, where only this worker and a new ticker exist.
	    */
	   d_step {
		   !survivor && FORK_LOCKS_FREE ->
		   survivor = me + 1;
		   inside[0] = 0;
#if CPUS > 1
		   inside[1] = 0;
#endif
		   left = hands[1 - me];
		   hands[1 - me] = 0;
		   assert(hands[TICKER] == 0); /* else one is lost: nobody will give it back */
		   tide_lock = 0;
		   if
		   :: duty_wake -> table = primary; duty_wake = 0
		   :: else
		   fi;
		   ticker_reset = 1;
		   check()
	   }
#endif
	od
#ifdef FORK
	} unless { survivor && survivor != me + 1 };
	atomic { c = 0; g = 0; h = 0; object = NULL; other = NULL; done = 0 }
#ifdef GROW
	x = 0
#endif
#endif
}

/* ---- tp_turn_try, and the doze of keep_time, whoever runs them: one at a time */

proctype ticker()
{
	byte c, h, object;
	bit read;

#ifdef FORK
begin:
	{
#endif
	do
	:: tide_lock = 1;

	   /* drain: the victims' stacks and overflow to the slabs */
	   c = 0;
	   do
	   :: c < CPUS ->
	      take_stack(hands[TICKER], object, 1 - primary, c);
	      if
	      :: object != NULL -> object = NULL
	      :: else -> c++
	      fi
	   :: else -> break
	   od;
	   c = 0;
	   d_step { add(hands[TICKER], overflow[1 - primary]); overflow[1 - primary] = 0 };
	   slab_give(hands[TICKER]);

	   /* tp_steal_seal */
#ifndef NO_SEAL
	   do
	   :: c < CPUS ->
	      d_step {
		      !locked[STACK(1 - primary, c)] ->
		      /* else somebody has pushed on a victim */
		      assert(!victim[STACK(1 - primary, c)] || depth[STACK(1 - primary, c)] == 0);
#ifdef GROW
		      if
		      :: victim[STACK(1 - primary, c)] -> open[STACK(1 - primary, c)] = 0
		      :: else
		      fi;
#endif
		      victim[STACK(1 - primary, c)] = 0;
		      c++
	      }
	   :: else -> break
	   od;
	   c = 0;
#endif

#ifdef OPEN_BEFORE_FENCE
	   open_victims(primary);
#endif
	   /* tp_cpus_turn */
	   d_step { primary = 1 - primary; table = primary };
	   if
	   :: fence();
	      /* tp_steal_open_victims */
#ifndef OPEN_BEFORE_FENCE
	      open_victims(1 - primary)
#endif
#if !defined LOCKED && !defined OPEN_BEFORE_FENCE
	   :: /* the kernel refuses the fence */
	      d_step { primary = 1 - primary; table = primary }
#endif
	   fi;
	   tide_lock = 0;

#ifdef DOZE
	   /* doze: whether anything is held is asked without a lock, so either answer may come */
	   if
	   :: duty_wake = 1;
	      table = CLOSED;
	      fence();
	      if
	      :: !duty_wake
	      :: true
	      fi;
	      wake(read);
	      duty_wake = 0
	   :: true
	   fi
#endif
	od
#ifdef FORK
	} unless { ticker_reset };
	atomic { ticker_reset = 0; c = 0; h = 0; object = NULL; read = 0 };
	goto begin
#endif
}

init
{
	atomic {
		run worker(0);
		run worker(1);
		run ticker()
	}
}
