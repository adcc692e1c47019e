/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Sends frames through taps. A frame that leaves a tap with the parent's MAC as source and
 * destination, and for an address bound to that tap, is delivered to the tap's own guest (ipvlan
 * looks among its own first) and never reaches the LAN. One to a group goes to the LAN and to the
 * siblings, as if the guest had sent it.
 */
#pragma once

#include "wire/device.h"
#include "wire/ip.h"

#include <glib.h>

/* A packet socket of the tap room that receives nothing. Must be called there, with CAP_NET_RAW. */
int inject_open(GError **error);

/* Sends `frame` into the guest of tap `ifindex`, which has `ip`. The frame comes from the learner,
 * which is not trusted: it must have `hwaddr` as both addresses and `ip` (or what is broadcast to
 * all on its link) as destination, or nothing is sent and FALSE returned. */
gboolean inject_send(int socket, guint32 ifindex, const guint8 hwaddr[static HWADDR_SIZE],
                     const IpAddress *ip, const guint8 *frame, gsize size, GError **error);

/* Sends a frame of the daemon's own to a group. */
gboolean inject_to_all(int socket, guint32 ifindex, const guint8 *frame, gsize size,
                       GError **error);
