/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The learner's core: frames go in, proposals come out. It has no descriptor, no clock and no log,
 * and allocates only when a parent or a port is added.
 *
 * A port is a tap; what its guest sends is seen in the tap room as outgoing. A parent is the
 * interface that its frames leave by; what the LAN sends is seen there as incoming. A message
 * counts only on the side where an honest one can come from: DHCP requests, ARP and duplicate
 * probes from guests; DHCP replies, defences and router advertisements from the LAN. A frame that
 * the parent receives from its own MAC, or that has one MAC for source and destination, was sent by
 * a guest (ipvlan hands those to the parent) and is ignored.
 *
 * A DHCP reply belongs to at most one tap. Among the open transactions of its parent's taps with
 * its xid and client hardware address, one whose client identifier the reply contradicts is out,
 * and then the first of these decides: it has the address already; its client identifier is in the
 * reply; it was opened first. So a guest that copies another's transaction, as it can see them all,
 * comes second. What a client asks for decides nothing: the copy could guess better. With
 * mac=parent all guests have one hardware address, and the same rules tell them apart.
 *
 * The order in which the caller reads its sockets matters, for frames of two sockets have no order
 * of their own: first the daemon's verdicts, then the tap room, then what a parent had received
 * before the tap room was read to its end.
 *
 * Times are milliseconds of one clock that never goes back and counts while the machine sleeps, as
 * leases do (CLOCK_BOOTTIME).
 */
#pragma once

#include "learner/counters.h"
#include "learner/proposal.h"
#include "wire/device.h"

#define CORE_PARENTS_MAX 256
#define CORE_PORTS_MAX 65536
#define CORE_ADDRESSES_MAX 1024 /* of one port: as many as a policy can allow */
#define CORE_TICK_MAX 64        /* timers that one tick handles, each with one proposal at most */
#define CORE_LEASE_OFFERED 60   /* seconds that an offered address is bound */
#define CORE_LEASE_MIN 60       /* seconds; a server that says less is not taken at its word */
#define CORE_LEASE_UNTOLD 3600  /* seconds; of an ACK that does not say */
#define CORE_WITHDRAW_TIME                                                                         \
    10000 /* milliseconds in which a parent's prefixes are withdrawn once                          \
           */

typedef struct Core Core;

typedef enum {
    CORE_FROM_GUEST, /* seen on a port */
    CORE_FROM_LAN,   /* seen on a parent */
} CoreDirection;

typedef struct {
    guint32 ifindex;
    guint32 parent;  /* its ifindex */
    guint addresses; /* that the daemon will let it have, 1 to CORE_ADDRESSES_MAX */
    gboolean arp;    /* ARP claims addresses (static=on) */
} CorePort;

/* `secret` is random, so that nobody can fill one bucket of a hash table. The sink is called within
 * core_feed() and core_tick(), and must not call back. */
Core *core_new(guint64 secret, ProposalSink sink, void *sink_data);
void core_free(Core *core);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Core, core_free)

/* Adds a parent, or tells its new MAC. False when there are too many. */
gboolean core_parent_set(Core *core, guint32 ifindex, const guint8 hwaddr[static HWADDR_SIZE]);
void core_parent_remove(Core *core, guint32 ifindex); /* and its ports */

/* False when it is there, its parent is not, or a number is out of bounds. */
gboolean core_port_add(Core *core, const CorePort *port);
void core_port_remove(Core *core, guint32 ifindex); /* proposes nothing */

/* The daemon's answer to a bind or extend, and what became of an address later. After a start also
 * what is bound already (accepted). `source` and `lifetime` (seconds, or LIFETIME_FOREVER) are of
 * accepted. An unknown port is ignored: it may have gone meanwhile. */
void core_verdict(Core *core, guint32 port, const IpAddress *address, Verdict verdict,
                  BindingSource source, guint32 lifetime, guint64 now);

/* `ifindex` is a port's or a parent's, as the direction says. Frames of others are ignored. */
void core_feed(Core *core, guint32 ifindex, CoreDirection direction, const guint8 *frame,
               size_t size, guint64 now);

/* Handles what is due, CORE_TICK_MAX at most, and returns the time for the next call: at `now` or
 * before it when some is left, G_MAXUINT64 when nothing waits. The time can only have become
 * earlier after another call. */
guint64 core_tick(Core *core, guint64 now);
guint64 core_next(const Core *core);

/* NULL for an unknown one; valid until it is removed. */
const Counters *core_port_counters(const Core *core, guint32 ifindex);
const Counters *core_parent_counters(const Core *core, guint32 ifindex);
