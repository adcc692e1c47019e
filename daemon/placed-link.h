/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * A device without queues, ipvlan or macvlan, put into the network namespace that a client asks
 * from. It is the namespace's from then on: it goes when that does, and nothing here remembers it.
 */
#pragma once

#include "daemon/rooms.h"
#include "netlink/link.h"

typedef struct {
    DeviceType type; /* DEVICE_IPVLAN or DEVICE_MACVLAN */
    LinkMode mode;
    guint32 parent;       /* ifindex in the host's netns */
    int netns;            /* where it shall live */
    const char *name;     /* of the interface */
    const guint8 *hwaddr; /* HWADDR_SIZE bytes for a macvlan, else NULL */
} PlacedLinkSpec;

/* The netns that the client at the other end of `socket`, an accepted one, connected from: a
 * descriptor that the caller owns. -1 with a REFUSAL when no device of `type` may be put there. */
int placed_link_netns(const Rooms *rooms, int socket, DeviceType type, GError **error);

/* A name for an interface that was given none, unlike any other. False when the kernel has no
 * random number yet. */
gboolean placed_link_name(char name[static DEVICE_IFNAME_SIZE], GError **error);

/* Makes the device, down and without an address. Its number there goes to `*ifindexp`. Errors:
 * RTNL_ERROR with the kernel's errno; EEXIST: an interface there has that name. */
gboolean placed_link_make(Rtnl *host, const PlacedLinkSpec *spec, guint32 *ifindexp,
                          GError **error);
