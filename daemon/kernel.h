/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * All that the daemon talks to the kernel through, opened once, before the sandbox closes: a
 * netlink socket belongs for ever to the netns in which it was opened.
 */
#pragma once

#include "daemon/rooms.h"
#include "netlink/rtnl.h"
#include "netlink/uevent.h"

typedef struct {
    Rooms rooms;
    Rtnl *host;       /* the host's netns, where the parents are */
    Rtnl *generic;    /* the host's netns, for wireless.h */
    Rtnl *room;       /* the tap room */
    Rtnl *reclaim;    /* the tap room again, for another thread: see reclaim.h */
    Uevents *uevents; /* of the tap room */
    int locks;        /* /proc/locks */
    int claim;        /* socket whose name says that the tap room is ours */
} Kernel;

#define KERNEL_INIT                                                                                \
    {                                                                                              \
        .rooms = ROOMS_INIT, .locks = -1                                                           \
    }

gboolean kernel_open(Kernel *kernel, const char *netns_path, const char *run_dir, GError **error);
void kernel_close(Kernel *kernel);
