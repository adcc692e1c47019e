/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Deletes links off the main loop. The kernel waits for RCU with each deletion, and a main loop
 * that waited with it would answer nobody meanwhile; so a thread with netlink sockets of its own
 * does it, a batch at a time: the caller hands over the next one when nothing more urgent is
 * waiting.
 *
 * The lock of all rtnetlink is still one for all. A request that makes a link waits for at most the
 * one batch that is under way, which is why a batch is small.
 */
#pragma once

#include "netlink/link.h"

#define RECLAIM_BATCH_MAX LINK_BATCH_MAX
#define RECLAIM_GROUP                                                                              \
    0x6f6e7461u /* "onta": the link group (ip-link(8)) of what is to go at once                    \
                 */

typedef struct Reclaim Reclaim;

/* Called from the main loop. Of the batch, `n_left` links could not be deleted, and stand first in
 * `left`; `why` is the kernel's reason for the first, NULL when there is none. Another batch may be
 * started from here. */
typedef void (*ReclaimDone)(const guint32 *left, guint n_left, const char *why, gpointer data);

/* The thread has the privileges of the caller at this moment, so these are to be dropped before. It
 * answers no signal, writes no log, and ends in reclaim_free(). */
Reclaim *reclaim_new(ReclaimDone done, gpointer data);

/* Waits for the batch under way, whose result nobody is told. */
void reclaim_free(Reclaim *reclaim);

gboolean reclaim_is_busy(const Reclaim *reclaim);

/* Starts to delete up to RECLAIM_BATCH_MAX links. Not while it is busy. The socket is the thread's
 * until the batch is done. One link alone is deleted without the group. */
void reclaim_start(Reclaim *reclaim, Rtnl *rtnl, const guint32 *ifindexes, guint n);
