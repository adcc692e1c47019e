/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Neighbour entries of three sorts: ip-neighbour(8), bridge(8) `fdb`, net/core/neighbour.c.
 */
#pragma once

#include "wire/ip.h"
#include "netlink/rtnl.h"
#include "wire/device.h"

/* NDA_PROTOCOL of the entries that are set here, by which they are known again: clear of what
 * routing daemons use (linux/rtnetlink.h, RTPROT_*). Kernels before 4.20 do not keep it. */
#define NEIGHBOUR_PROTOCOL 0xe0

typedef struct {
    IpAddress ip;
    guint32 ifindex;
    guint16 state;   /* NUD_*, linux/neighbour.h */
    guint8 flags;    /* NTF_* */
    guint8 protocol; /* 0: the kernel's own, or nobody said */
    gboolean known;  /* `hwaddr` is what the kernel sends to; else it is still asking, or was told
                        nothing */
    guint8 hwaddr[HWADDR_SIZE];
} Neighbour;

/* Those of a link, of both families, without proxies; of Neighbour, free with the array. */
GArray *neighbour_list(Rtnl *rtnl, guint32 ifindex, GError **error);

/* The pure part: reads one RTM_NEWNEIGH or RTM_DELNEIGH. False with errno ENOMSG when it speaks of
 * no IP neighbour, and EBADMSG or another when it is malformed. */
bool neighbour_parse(const struct nlmsghdr *message, Neighbour *neighbourp);

/* The kernel is to find out within some seconds whether the neighbour is still there (NTF_USE).
 * Only for one that is stale: newer kernels take what is permanent for what is not, after this. */
bool neighbour_verify(Rtnl *rtnl, guint32 ifindex, const IpAddress *ip, GError **error);

/* `ip` is at `hwaddr` on this link, for ever. Replaces what the kernel believed. */
bool neighbour_add(Rtnl *rtnl, guint32 ifindex, const IpAddress *ip,
                   const guint8 hwaddr[static HWADDR_SIZE], GError **error);
/* ENOENT when there is none. */
bool neighbour_delete(Rtnl *rtnl, guint32 ifindex, const IpAddress *ip, GError **error);

/* The link answers for `ip`, which lives elsewhere. For IPv6 the sysctl proxy_ndp of the link
 * must be on. */
bool neighbour_add_proxy(Rtnl *rtnl, guint32 ifindex, const IpAddress *ip, GError **error);
/* ENOENT when there is none. */
bool neighbour_delete_proxy(Rtnl *rtnl, guint32 ifindex, const IpAddress *ip, GError **error);

/* The NIC also receives unicast frames for `hwaddr`. EEXIST when it does already: then another
 * may depend on the entry. It outlives the process that made it. EOPNOTSUPP or EINVAL when the
 * driver cannot. */
bool neighbour_add_filter(Rtnl *rtnl, guint32 ifindex, const guint8 hwaddr[static HWADDR_SIZE],
                          GError **error);
/* ENOENT when there is none. */
bool neighbour_delete_filter(Rtnl *rtnl, guint32 ifindex, const guint8 hwaddr[static HWADDR_SIZE],
                             GError **error);
