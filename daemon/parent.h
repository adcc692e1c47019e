/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * A network's parent: the interface of the host that carries its devices.
 */
#pragma once

#include "netlink/link.h"
#include "policy/policy.h"

/* The parent of `network`, looked up by name. Errors are REFUSALs: no-parent when it is missing or
 * of a kind that carries no sub-interfaces. */
Link *parent_find(Rtnl *host, const PolicyNetwork *network, GError **error);

/* Turns the kernel's refusal to put a device on `parent` into one that says why and what to do. */
void parent_explain(Rtnl *host, const PolicyNetwork *network, const Link *parent, DeviceType type,
                    const GError *failure, GError **error);
