/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Whether an interface is Wi-Fi, asked of nl80211(7) (linux/nl80211.h) over generic netlink.
 */
#pragma once

#include "netlink/rtnl.h"

/* `generic` is from rtnl_new_generic(), in the interface's netns. An interface that is not there is
 * not Wi-Fi; nor is any where the kernel has no Wi-Fi, which loads nothing. */
bool wireless_is(Rtnl *generic, guint32 ifindex);
