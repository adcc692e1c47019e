/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The two rooms: where the devices live, and where their nodes do.
 *
 * The tap room is a netns pinned by a bind mount, as ip-netns(8) does, so that devices, addresses
 * and guests outlive the daemon. The node room is a small tmpfs with one device node per queue.
 * Both are made by root in the mount namespace of the host, before anything is sandboxed: a service
 * with a mount namespace of its own could not make them seen by its next start.
 */
#pragma once

#include <glib.h>
#include <sys/types.h>

typedef struct {
    int host_netns; /* fd of the netns we were started in */
    int tap_netns;  /* fd of the tap room */
    int nodes;      /* O_DIRECTORY fd of the node room, locked as long as we live */
    char *nodes_path;
} Rooms;

#define ROOMS_INIT                                                                                 \
    {                                                                                              \
        .host_netns = -1, .tap_netns = -1, .nodes = -1                                             \
    }

/* Makes what is missing and mends what is there; doing it twice changes nothing. Needs root. The
 * nodes will belong to `uid` and `gid`. */
gboolean rooms_prepare(const char *netns_path, const char *run_dir, uid_t uid, gid_t gid,
                       GError **error);

/* Whether rooms_prepare() has been done since the machine started. */
gboolean rooms_are_prepared(const char *netns_path, const char *run_dir);

/* Opens both. Fails when another daemon has them. */
gboolean rooms_open(Rooms *rooms, const char *netns_path, const char *run_dir, GError **error);
void rooms_close(Rooms *rooms);

/* After a change of root: `nodes` is the same room, under the same number, in the new one. */
gboolean rooms_reopen_nodes(Rooms *rooms, GError **error);

/* Moves the calling thread into the tap room and back; sockets opened in between stay there. */
gboolean rooms_enter_tap_netns(const Rooms *rooms, GError **error);
void rooms_leave_tap_netns(const Rooms *rooms);
