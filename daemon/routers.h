/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The addresses of the host's routers: those that it has routes through, and for a while those that
 * it had.
 *
 * Whoever is on the LAN can end such a route with one packet: a router advertisement with lifetime
 * 0 in the router's name (RFC 4861, 6.3.4). The router is still there, and if its address were free
 * then, a guest could have it and with it all that the LAN sends to its router. A router advertises
 * itself again within 30 minutes at most (RFC 4861, 6.2.1), so it is remembered for that long, but
 * not for longer than it was one: or a guest's own address, called a router's once, would be lost
 * to it.
 *
 * Both kinds are bounded, since the LAN can make routers up as fast as it can send. Those that came
 * first stay; of those that have gone, those that had been there for the longest.
 *
 * No clock: `now` is in microseconds and never goes back.
 */
#pragma once

#include "wire/ip.h"

#include <glib.h>

#define ROUTERS_MAX 256 /* of each kind */
#define ROUTERS_MEMORY (30 * 60 * (gint64)G_USEC_PER_SEC)

typedef struct Routers Routers;

Routers *routers_new(void);
void routers_free(Routers *routers);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Routers, routers_free)

/* There is a route through it. */
void routers_add(Routers *routers, const IpAddress *ip, gint64 now);
/* There are routes through these, a set of IpAddress, and no others. */
void routers_replace(Routers *routers, GHashTable *present, gint64 now);

/* Those that are there now were there before we looked: nobody can say for how long. */
void routers_trust(Routers *routers);

/* Whether it is one, or was one not long ago. */
gboolean routers_has(const Routers *routers, const IpAddress *ip, gint64 now);
/* Those with a route, of const IpAddress; valid until the next change. */
GPtrArray *routers_present(const Routers *routers);
