/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * What changes in a netns, as it happens: rtnetlink(7) multicast groups, in a GMainContext.
 *
 * A monitor shows changes only. Its owner starts it first and dumps (link_list(), …) then, so that
 * nothing falls between; a change may therefore be told that the dump has shown already.
 */
#pragma once

#include "netlink/address.h"
#include "netlink/link.h"
#include "netlink/route.h"

/* One that is NULL is not subscribed to. `gone` tells a deletion from an addition or change. None
 * may free the monitor. */
typedef struct {
    void (*link)(const Link *link, bool gone, void *data);
    void (*address)(const Address *address, bool gone, void *data);
    /* Once for each next hop, of all tables. IPv4 routes that vanish because their link went down
     * or lost its address are not announced by the kernel: follow those too. */
    void (*route)(const Route *route, bool gone, void *data);
    /* Never NULL: changes were lost, and what the owner believes may be wrong. Dump again. */
    void (*lost)(void *data);
} MonitorCallbacks;

typedef struct Monitor Monitor;

/* For the caller's netns. `context` NULL is the default one. Needs no privilege. */
Monitor *monitor_new(const MonitorCallbacks *callbacks, void *data, GMainContext *context,
                     GError **error);
void monitor_free(Monitor *monitor);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Monitor, monitor_free)
