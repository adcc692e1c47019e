/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * A MAC for a guest that may have any: the same for one machine, owner, network and name, so that a
 * guest that is started again keeps its lease, and otherwise unlike any other.
 */
#pragma once

#include "daemon/alias.h"

/* A locally administered unicast address (IEEE 802, bits 0x02 set and 0x01 clear). */
void guest_mac_suggest(const char *machine, const Alias *alias, guint8 hwaddr[static HWADDR_SIZE]);
