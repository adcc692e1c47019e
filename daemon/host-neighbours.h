/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The host's neighbour entries for the guests on one parent: each bound address is at the parent's
 * own MAC, for ever, since a guest does not hear what the host asks by broadcast. Routes are the
 * host's own.
 *
 * An entry could take the host's own correspondents from it: a guest may claim the address of the
 * LAN's name server while that is silent. So an address that the host knows at another MAC is not
 * set until the kernel has found nobody there; nor is one to which the host has another way.
 *
 * What is ours in the kernel's table is known by its protocol, so nothing is remembered here but
 * what was logged.
 */
#pragma once

#include "daemon/parents.h"
#include "netlink/neighbour.h"
#include "netlink/route.h"

typedef struct HostNeighbours HostNeighbours;

HostNeighbours *host_neighbours_new(const Service *service);
void host_neighbours_free(HostNeighbours *neighbours);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HostNeighbours, host_neighbours_free)

/* Makes entries of what is bound on the parent, and takes those away that are ours and have no
 * address any more. `*troublep` gets a sentence about the first that may not be, NULL when all may;
 * the caller's. */
gboolean host_neighbours_follow(HostNeighbours *neighbours, const ParentState *parent,
                                char **troublep, GError **error);

/* Takes away all that are ours on this link. */
void host_neighbours_clear(Rtnl *host, guint32 parent);

typedef enum {
    HOST_NEIGHBOUR_SET,       /* it is there, as it should be */
    HOST_NEIGHBOUR_FREE,      /* it may be set */
    HOST_NEIGHBOUR_TAKEN,     /* the host knows somebody else at the address */
    HOST_NEIGHBOUR_ELSEWHERE, /* what the host sends to it takes another way */
    HOST_NEIGHBOUR_NOWHERE,   /* the host has no way to it, as with IPv6 where it has none itself */
} HostNeighbourVerdict;

/* The pure parts. By what the kernel's table says of an address (NULL: nothing) and the parent's
 * MAC: SET, FREE or TAKEN. */
HostNeighbourVerdict host_neighbours_judge(const Neighbour *known,
                                           const guint8 hwaddr[static HWADDR_SIZE]);
/* By the route to one that is free: FREE, ELSEWHERE or NOWHERE. */
HostNeighbourVerdict host_neighbours_judge_route(const Route *route, guint32 parent);
