/* SPDX-License-Identifier: MIT */
/* A place where a program can be made wrong: put into the sources by tests/mutation. */
#ifndef KTLSCTL_MUTANT_H
#define KTLSCTL_MUTANT_H

#include <stdbool.h>

/* The wrong one of this run (0: none), and which were passed. */
extern int mutant_now;
extern unsigned char *mutant_seen;

static inline bool mutant(int number)
{
	mutant_seen[number] = 1;
	return number == mutant_now;
}

#define MUTANT_NOT(n, x) ((_Bool)(x) ^ mutant(n))
/* Both operands once, in their order, and the right one only when it is asked for. */
#define MUTANT_AND(n, a, b)                                                              \
	({                                                                               \
		const bool turned_ = mutant(n);                                          \
		(((_Bool)(a) ^ turned_) && ((_Bool)(b) ^ turned_)) ^ turned_;            \
	})
#define MUTANT_OR(n, a, b)                                                               \
	({                                                                               \
		const bool turned_ = mutant(n);                                          \
		(((_Bool)(a) ^ turned_) || ((_Bool)(b) ^ turned_)) ^ turned_;            \
	})
/* n: the contrary; n + 1: with or without what is equal. */
#define MUTANT_ORDER(n, a, is, moved, b)                                                 \
	({                                                                               \
		__auto_type a_ = (a);                                                    \
		__auto_type b_ = (b);                                                    \
		const bool moved_ = mutant((n) + 1);                                     \
		(moved_ ? a_ moved b_ : a_ is b_) ^ mutant(n);                           \
	})

#endif
