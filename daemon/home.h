/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * A netns in which devices live, as we reach it. In the tap room a guest's address is at home. The
 * host's netns is that of a kernel with a life of its own, and an address of a guest's must not
 * become one of the host's:
 *
 *  - It has no preferred lifetime and, for IPv4, the scope of this host: so it is not chosen as a
 *    source. (IPv6 prefers every other address of the same reach to it; where the host has none, it
 *    may be chosen.) And it brings no route of its own.
 *  - Its route in the table `local` is deleted, so that nothing to that address ends here, nobody
 *    can listen on it over IPv4, and no ARP request for it is answered. The kernel adds that of an
 *    IPv6 address a moment later, and those of IPv4 again when the link comes up again: who watches
 *    the host (lodgers.c) deletes them as they are announced.
 *
 * What comes in through the device never reaches the host's stack: see MACS_HOST in
 * translate/macs.h.
 */
#pragma once

#include "netlink/address.h"
#include "netlink/route.h"
#include "netlink/uevent.h"

typedef struct {
    Rtnl *rtnl;       /* its links, addresses and routes; not ours to close */
    Rtnl *reclaim;    /* the same, for another thread: see reclaim.h */
    Uevents *uevents; /* of taps that are made there */
    int inject;       /* packet socket, see inject.h */
    gboolean shared;  /* the host lives there too */
} Home;

/* In the netns of `rtnl`, in which the caller is. Also after a failure it is to be closed. */
gboolean home_open(Home *home, Rtnl *rtnl, gboolean shared, GError **error);
void home_close(Home *home);

/* Sets the address of a binding, or its lifetime anew. */
gboolean home_set_address(const Home *home, Address *address, GError **error);

/* Whether the kernel is to have no such route: it makes an address, or a multicast group, the
 * host's own. */
gboolean home_refuses_route(const Home *home, const Route *route);
/* Deletes all such routes of a link. */
void home_forget_routes(const Home *home, guint32 ifindex);
