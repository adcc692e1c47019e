/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * All that the daemon talks to the kernel through, opened once, before the sandbox closes: a
 * netlink socket belongs for ever to the netns in which it was opened.
 */
#pragma once

#include "daemon/home.h"
#include "daemon/place.h"
#include "daemon/rooms.h"
#include "netlink/rtnl.h"

typedef struct {
    Rooms rooms;
    Rtnl *host;    /* the host's netns, where the parents are */
    Rtnl *generic; /* the host's netns, for wireless.h */
    Rtnl *room;    /* the tap room */
    Home homes[PLACES];
    int dev;   /* the host's /dev, see dev-folder.h; -1: no devices in the host's netns */
    int locks; /* /proc/locks */
    int claim; /* socket whose name says that the tap room is ours */
} Kernel;

#define KERNEL_INIT                                                                                \
    {                                                                                              \
        .rooms = ROOMS_INIT, .homes = {{.inject = -1}, {.inject = -1}}, .dev = -1, .locks = -1     \
    }

gboolean kernel_open(Kernel *kernel, const char *netns_path, const char *run_dir, GError **error);
void kernel_close(Kernel *kernel);

/* Where the device of that number lives. */
static inline const Home *kernel_home(const Kernel *kernel, guint32 ifindex)
{
    return &kernel->homes[place_of(ifindex)];
}
