/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The kernel modules of the device kinds.
 */
#pragma once

#include "netlink/rtnl.h"

/* Has the kernel load the modules of ipvtap and macvtap. Returns the set of DeviceType that it
 * has. Needs CAP_NET_ADMIN; the kernel itself calls modprobe(8). */
guint modules_load(Rtnl *host);
