/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * One device, and how one in the tap room is made and unmade. Making is a transaction: it hands
 * over a device with all its queues open, or nothing is left behind. (In the host's netns:
 * host-device.h.)
 */
#pragma once

#include "daemon/alias.h"
#include "daemon/kernel.h"
#include "daemon/tally.h"
#include "netlink/link.h"

typedef struct {
    guint32 ifindex; /* unique on the host; says where it lives, see place.h */
    char ifname[DEVICE_IFNAME_SIZE];
    DeviceType type;
    guint32 parent; /* ifindex in the host's netns */
    guint32 mtu;    /* bytes */
    guint8 hwaddr[HWADDR_SIZE];
    Alias alias;
    /* Bit Q: the node of queue Q has not been closed by its last holder. In the host's netns nobody
     * knows: none is set. */
    guint64 open_queues;
    guint64 suspects; /* queues that were not locked when last looked, see keeper.c */
    gboolean ended;   /* it is taken from its holders: not listed, its name is free */
    gboolean dying;   /* its link is to be deleted */
    gboolean deleted; /* its link is, but somebody still holds a queue */
    Tally tally;
} Device;

typedef struct {
    DeviceType type;
    LinkMode mode;
    guint32 parent; /* ifindex in the host's netns */
    guint32 mtu;    /* of the parent */
    Alias alias;    /* an empty name: the device's ifname becomes it */
} DeviceSpec;

/* Makes the device at the first free ifindex from `*ifindexp` on, which is advanced. `fds` gets
 * spec->alias.queues descriptors, which the caller owns. Errors: RTNL_ERROR with the kernel's errno
 * when the link could not be made, others when something else failed. */
Device *device_make(Kernel *kernel, const DeviceSpec *spec, guint32 *ifindexp, int *fds,
                    GError **error);

/* Without link, ifindex and MAC. */
Device *device_new(const DeviceSpec *spec);

/* Deletes its link. One that is gone already is as good. */
gboolean device_delete_link(const Kernel *kernel, const Device *device, GError **error);

/* The device of a link that was found in that place, its queues all taken for closed; NULL when the
 * link is not one of ours. */
Device *device_from_link(const Link *link, Place place);
