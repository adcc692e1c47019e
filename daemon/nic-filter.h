/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The unicast filter of wired parents. A network card receives frames for its own MAC and for those
 * in its filter. The LAN knows a guest by its parent's MAC, with one exception: a DHCP server that
 * ignores the broadcast flag answers to the client's hardware address, which is the guest's own. So
 * that is put into the filter while the guest uses it.
 *
 * Which entries are ours is noted in the eBPF maps before an entry is made, so that a daemon that
 * is killed leaves none behind for ever. Several guests with one MAC share one entry. A guest gets
 * one at a time, and changes it no oftener than it is told of (translate/macs.h).
 *
 * Left alone are parents that are wireless (an access point sends nothing to a station that it does
 * not know) or bridges and ports of a switch (there an entry would not add a receiver but move one:
 * the guest could take over its neighbors' traffic), and the MACs of the host's own interfaces.
 */
#pragma once

#include "daemon/device.h"
#include "daemon/mac-table.h"
#include "daemon/translator.h"

typedef struct NicFilter NicFilter;

/* Both are the caller's and outlive the filter. */
NicFilter *nic_filter_new(const Kernel *kernel, Translator *translator);
void nic_filter_free(NicFilter *filter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NicFilter, nic_filter_free)

/* Takes over what an earlier daemon noted, and deletes the entries of devices that have gone since.
 * Before the maps are swept. */
void nic_filter_restore(NicFilter *filter, TranslatorAlive alive, gpointer data);

/* The guest of this device uses `mac` from now on. */
void nic_filter_follow(NicFilter *filter, const Device *device,
                       const guint8 mac[static HWADDR_SIZE]);

/* The device has gone; before its entry in the maps goes. */
void nic_filter_forget(NicFilter *filter, guint32 ifindex);

/* Whether the links of the host let `key` be an entry: the pure part. `parentp` gets the parent's
 * link when it does. */
gboolean nic_filter_permits(const GPtrArray *links, const MacKey *key, const Link **parentp);
