/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Whether a guest may have an address. The learner says that a guest wants one; this is where that
 * is judged, whatever the learner believes.
 */
#pragma once

#include "daemon/bound.h"
#include "daemon/device.h"
#include "daemon/facts.h"
#include "daemon/tally.h"
#include "policy/policy.h"

/* `network` may be NULL: then nothing is granted. What the device has already is fine. Rates are
 * not judged here. */
ClaimReason claim_judge(const PolicyNetwork *network, const Facts *facts, const BoundTable *bound,
                        const Device *device, const IpAddress *ip);

/* The pure part, which asks nobody: UNFIT, EXCEPT and EUI64. */
ClaimReason claim_judge_address(const PolicyNetwork *network, const Device *device,
                                const IpAddress *ip);
