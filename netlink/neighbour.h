/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Neighbour entries of three sorts: ip-neighbour(8), bridge(8) `fdb`, net/core/neighbour.c.
 */
#pragma once

#include "wire/ip.h"
#include "netlink/rtnl.h"
#include "wire/device.h"

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
