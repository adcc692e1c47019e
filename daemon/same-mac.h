/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Two guests with one MAC on one parent, which happens as soon as two are started without saying
 * which: QEMU's default is always the same. Both are told apart by their addresses, so frames find
 * them; but to a DHCP server they are one client, and they make one IPv6 address of their MAC. The
 * second is refused what the first has. This finds them and says what to do.
 *
 * Who came to the MAC first is the first; after a start of the daemon it is the older device.
 */
#pragma once

#include "daemon/service.h"

SameMac *same_mac_new(Service *service);
void same_mac_free(SameMac *same);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SameMac, same_mac_free)

/* The guest of this device uses `mac` from now on. */
void same_mac_note(SameMac *same, const Device *device, const guint8 mac[static HWADDR_SIZE]);
/* The device has gone. */
void same_mac_forget(SameMac *same, guint32 ifindex);

/* The device that had the guest's MAC before this one; NULL when none has. */
const Device *same_mac_elder(const SameMac *same, const Device *device);
