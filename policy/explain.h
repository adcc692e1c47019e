/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * A decision in words.
 */
#pragma once

#include "policy/policy.h"

/* Lines for the user, the last one with its newline: the answer, the limits, the line of the policy
 * that decided, and what the reader should know besides. `who` names the subject. */
char *policy_explain(const Policy *policy, const char *who, const PolicySubject *subject,
                     const PolicyNetwork *network, DeviceType type, const PolicyDecision *decision);

/* The line of the policy at `place`, without blanks around it; NULL when none stands there. */
const char *policy_source(const Policy *policy, const PolicyPlace *place);
