/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Devices in the host's netns whose end nobody told us: libvirt's hook was not run, or there was no
 * daemon to hear it. A start of root's deletes those that nobody has open and that are older than
 * LEFTOVERS_MINUTES: between the making of one and its first open there is a guest's start.
 */
#pragma once

#include "netlink/link.h"

#define LEFTOVERS_MINUTES 5

/* When a device is made, in minutes since the machine was started. */
guint64 leftovers_now(void);

/* Where not every process can be seen nothing is deleted, which is worth a word only to who has
 * `asked` for it: a service is not to see them all. */
void leftovers_delete(Rtnl *host, gboolean asked);
