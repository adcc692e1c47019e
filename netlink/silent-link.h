/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * An ipvlan in the parent's own netns that never has an address: for frames to pass through and
 * not for the kernel to talk on. An address would be taken from the parent: ipvlan gives all frames
 * for an address of a sub-interface to that, and an IPv6 address that the kernel makes of the
 * shared MAC is the one that the parent has. So it is made down, forbidden to make addresses, and
 * the caller stops what it would hear before it brings it up.
 */
#pragma once

#include "netlink/rtnl.h"

/* Makes it, down. EEXIST when there is a link of that name, EBUSY when the parent can carry none.
 */
bool silent_link_create(Rtnl *rtnl, const char *name, guint32 parent, GError **error);

/* No IPv6 address of its own making, and an alias. */
bool silent_link_settle(Rtnl *rtnl, guint32 ifindex, const char *alias, GError **error);

/* Up, and with all group frames, whoever has joined. */
bool silent_link_up(Rtnl *rtnl, guint32 ifindex, GError **error);
