/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Descriptors of queues on their way out of the daemon, bounded for each owner and for all. There
 * are two ways to make it suffer for them:
 *
 * - A client does not read what he is sent. The kernel counts descriptors in flight for the user
 *   who sent them, who is always us, and with more than RLIMIT_NOFILE it refuses to send any to
 *   anybody (ETOOMANYREFS; net/unix, too_many_unix_fds).
 * - A client leaves as he is answered, so that our own copy is the last. Closing the last one of a
 *   queue waits for RCU (drivers/net/tap.c, tap_put_queue), some 20 ms for each of 64. So a thread
 *   closes them, at its own pace.
 */
#pragma once

#include <glib.h>
#include <sys/types.h>

#define INFLIGHT_PER_OWNER 256 /* sent and not read, and as many to be closed */

typedef struct Inflight Inflight;

/* Reads RLIMIT_NOFILE: a quarter of it may be sent and not read, and a quarter be waiting to be
 * closed; of each, one owner has a quarter, from DEVICE_QUEUES_MAX to INFLIGHT_PER_OWNER. */
Inflight *inflight_new(void);
/* What was sent stays for the clients to read. Waits for the thread. */
void inflight_free(Inflight *inflight);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Inflight, inflight_free)

/* Whether the owner may be sent `n` more. Root is not held up by others. */
gboolean inflight_may(Inflight *inflight, uid_t owner, guint n);

/* Takes the socket of a client whose whole answer was sent, with `n` descriptors. The client sees
 * the end of the answer; the socket is closed as soon as he has read it or has left. */
void inflight_add(Inflight *inflight, uid_t owner, int socket, guint n);

/* Closes `n` descriptors, DEVICE_QUEUES_MAX at most, that were sent to `socket` (-1: to nobody).
 * Those that were sent come first: they have copies as a rule, and take no time. The first that is
 * not closed at once starts the thread, with the privileges of the caller at that moment. */
void inflight_close(Inflight *inflight, uid_t owner, int socket, const int *fds, guint n);
