/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * What no guest may claim because the host lives by it: the host's own addresses and those of its
 * routers, followed as they change.
 */
#pragma once

#include "netlink/monitor.h"

typedef struct Facts Facts;

typedef struct {
    /* The host or a router of its has this address from now on. */
    void (*taken)(const IpAddress *ip, gpointer data);
    /* A link of the host's has changed or gone. */
    void (*link)(const Link *link, gboolean gone, gpointer data);
    /* A link of the host's has other addresses now. */
    void (*addresses)(guint32 ifindex, gpointer data);
    /* Changes were missed: what is believed of links must be asked anew. */
    void (*lost)(gpointer data);
    /* Whether that link is a guest's: its addresses are none of the host's. */
    gboolean (*is_guest)(guint32 ifindex, gpointer data);
} FactsCallbacks;

/* Must be called in the host's netns. `host` is the caller's and outlives the facts. */
Facts *facts_new(Rtnl *host, const FactsCallbacks *callbacks, gpointer data, GError **error);
void facts_free(Facts *facts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Facts, facts_free)

/* An address of the host's, or the network's own or broadcast address of a prefix of the host's. */
gboolean facts_is_own(const Facts *facts, const IpAddress *ip);
/* The addresses of a link, of IpAddress, at most `max`. */
GArray *facts_addresses(const Facts *facts, guint32 ifindex, guint max);
/* Also for a while after the host's last route through it has gone (daemon/routers.h). */
gboolean facts_is_router(const Facts *facts, const IpAddress *ip);
