/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The device nodes: one per queue, `IFINDEX.Q` in the node room, mode 0600, opened once.
 *
 * /dev/tapN is never used. It is named by an ifindex, and an ifindex is unique only within its
 * netns: two taps of two netns can share one name, and opening it gives somebody else's tap. A node
 * of our own, from the device's own number, cannot lie; what was opened is verified all the same.
 */
#pragma once

#include "wire/device.h"

#include <glib.h>
#include <sys/types.h>

#define NODE_NAME_SIZE 24 /* of "4294967295.4294967295" */

void node_name(guint32 ifindex, guint queue, char name[static NODE_NAME_SIZE]);
gboolean node_parse_name(const char *name, guint32 *ifindexp, guint *queuep);

/* Makes the node, opens it, verifies that it is queue of `ifname` on the device `number` and takes
 * the OFD read lock that tells a later daemon of its use. Returns the descriptor (non-blocking,
 * close-on-exec), which the caller owns, or -1; then no node is left behind. `hwaddr` gets the
 * device's MAC. */
int node_open(int room, guint32 ifindex, guint queue, dev_t number, const char *ifname,
              guint8 hwaddr[static HWADDR_SIZE], GError **error);

/* A node that is missing is as good. */
void node_remove(int room, guint32 ifindex, guint queue);

/* Calls `callback` for every node of the room with its inode. A name that is not a node's is
 * reported with ifindex 0: nothing else belongs there. */
typedef void (*NodeCallback)(const char *name, guint32 ifindex, guint queue, ino_t inode,
                             gpointer data);
gboolean node_foreach(int room, NodeCallback callback, gpointer data, GError **error);
