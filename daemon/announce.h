/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Tells the LAN, in the guests' name, that their addresses are at another MAC. When a parent
 * changes its MAC, all its guests do, and none of them knows: routers and neighbors would go on
 * sending to the old one until they ask again, which takes many seconds. So each bound address is
 * announced once, by a gratuitous ARP (RFC 5227 3) or an unsolicited neighbor advertisement with
 * the override flag (RFC 4861 7.2.6). The frames go through the guest's own tap, so its siblings
 * hear them as well, and it does not hear them itself.
 *
 * All taps of a parent share a backlog of 1,000 group frames in the kernel, and on Wi-Fi such
 * frames are slow: so they are paced. What is bound, and to which MAC, is looked up when its turn
 * comes.
 */
#pragma once

#include "daemon/service.h"

typedef struct Announcer Announcer;

Announcer *announcer_new(Service *service);
void announcer_free(Announcer *announcer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Announcer, announcer_free)

/* Announces all that is bound on this parent, from the MAC that its devices have by now. What was
 * still to be announced of it is not said twice. */
void announcer_start(Announcer *announcer, guint32 parent);

#define ANNOUNCE_FRAME_MAX 86

/* Writes the frame that says that `ip` is at `hwaddr`, and returns its size. */
gsize announce_frame(const IpAddress *ip, const guint8 hwaddr[static HWADDR_SIZE],
                     guint8 frame[static ANNOUNCE_FRAME_MAX]);
