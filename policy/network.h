/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * From a `network` statement to a PolicyNetwork.
 */
#pragma once

#include "policy/internal.h"

#define NETWORK_TYPES_IP (DEVICE_IPVTAP | DEVICE_IPVLAN)
#define NETWORK_TYPES_MAC (DEVICE_MACVTAP | DEVICE_MACVLAN)

/* NULL with an error. The network's place points into the statement's tree. */
PolicyNetwork *network_build(const Statement *statement, GError **error);
