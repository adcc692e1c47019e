/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Whose request is served next. Requests wait in a line for each user (subordinate uids count as
 * their owner), and the users take turns: one request each, one a turn of the main loop. So a
 * request waits for at most one of every other user who has some waiting, however many those are,
 * besides those that the same user asked before.
 */
#pragma once

#include <glib.h>
#include <sys/types.h>

typedef struct Turns Turns;
typedef struct Turn Turn;

/* It is one's turn: the Turn is gone. `waited` is how many requests were served meanwhile. */
typedef void (*TurnFunc)(guint64 waited, gpointer data);

Turns *turns_new(void);
/* Nobody may be waiting any more. */
void turns_free(Turns *turns);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Turns, turns_free)

/* Joins the end of the owner's line. */
Turn *turns_add(Turns *turns, uid_t owner, TurnFunc func, gpointer data);
/* Leaves it, unserved. */
void turns_cancel(Turns *turns, Turn *turn);

/* How many requests have been served. */
guint64 turns_served(const Turns *turns);
