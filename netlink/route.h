/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Routes: ip-route(8), net/ipv4/fib_frontend.c, net/ipv6/route.c.
 */
#pragma once

#include "wire/ip.h"
#include "netlink/rtnl.h"

#include <linux/rtnetlink.h>

/* One way to a destination. A route with several next hops is several of these. */
typedef struct {
    IpAddress destination; /* all zeros with prefix_length 0: the default route */
    guint8 prefix_length;
    IpAddress gateway; /* AF_UNSPEC: on the link itself; the family may differ (RTA_VIA) */
    IpAddress source;  /* RTA_PREFSRC: the address of ours to use, AF_UNSPEC when any */
    guint32 ifindex;   /* 0: none (blackhole), or any in a deletion */
    guint32 table;     /* RT_TABLE_*; 0 in a request: the main one */
    guint8 protocol;   /* RTPROT_*: who set it; 0 in a deletion: anybody */
    guint8 type;       /* RTN_*; 0 in a request: RTN_UNICAST, in a deletion: any */
} Route;

/* A /32 or /128 through a link. `source` may be NULL. */
Route route_to_host(const IpAddress *ip, guint32 ifindex, const IpAddress *source);

/* EEXIST when there is a route to that destination already: it is left alone. */
bool route_add(Rtnl *rtnl, const Route *route, GError **error);
/* ESRCH when there is none. To undo that an address became local: table RT_TABLE_LOCAL; but the
 * kernel adds an IPv6 address's route there a moment after the address, from a worker of its own
 * (addrconf_dad_work), even with IFA_F_NODAD: wait for it to be announced. */
bool route_delete(Rtnl *rtnl, const Route *route, GError **error);

/* The kernel gives each link a route to ff00::/8 in the table `local`; this takes it away. False
 * when that was not possible; there being none is fine. */
bool route_forget_multicast(Rtnl *rtnl, guint32 ifindex, GError **error);

/* The routes of a family and table, of all links (0) or one; of Route, free with the array. The
 * table may be large: ask for a link's where that is enough. Cached routes are left out. */
GArray *route_list(Rtnl *rtnl, guint8 family, guint32 table, guint32 ifindex, GError **error);

/* Where the kernel would send what it has for `ip` itself, all tables and rules considered: a route
 * with `ifindex`, `gateway` and `type`. ENETUNREACH or EHOSTUNREACH when nowhere. */
bool route_lookup(Rtnl *rtnl, const IpAddress *ip, Route *routep, GError **error);

/* The pure part: calls `each` for each next hop of one RTM_NEWROUTE or RTM_DELROUTE. False with
 * errno ENOMSG when it speaks of no IP route, or a cached one, and EBADMSG or another when it is
 * malformed; `each` may have been called before that was seen. */
typedef void (*RouteFunc)(const Route *route, void *data);
bool route_parse(const struct nlmsghdr *message, RouteFunc each, void *data);
