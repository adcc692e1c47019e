/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The nodes that the kernel makes by itself, /dev/tapN. Those of devices in the host's netns are
 * opened by others (libvirtd), by the device's number N; and a number is unique in its netns only.
 * So any user can have N taken: with a tap of that number in a netns of his own, whose node is
 * there already, and which then would be opened in place of ours. Before such a device is handed
 * over, its node is compared with what the kernel has told about the device itself. From then on
 * the name is its own: the kernel never replaces a node, and deletes one only with its device.
 */
#pragma once

#include <glib.h>
#include <sys/types.h>

/* A descriptor that leads to what is mounted at /dev and nowhere else: of a copy of that mount
 * which is attached to no other, so that `..` ends there; and O_PATH, so that it reads nothing. The
 * nodes that appear later are seen as well. -1 when it cannot be had. Needs root. */
int dev_folder_open(void);

typedef enum {
    DEV_NODE_RIGHT,
    DEV_NODE_MISSING, /* is what is mounted there no devtmpfs? */
    DEV_NODE_WRONG,   /* it is another device's */
} DevNode;

DevNode dev_folder_look(int dev, guint32 ifindex, dev_t number);
