/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * What statements must not say together.
 */
#pragma once

#include "policy/internal.h"

/* Among networks: names, the default, what networks of one parent share. */
gboolean check_networks(const Policy *policy, GError **error);

/* Finds the networks a rule names and checks its types against them. */
gboolean check_rule_networks(const Policy *policy, PolicyRule *rule, GError **error);

/* Nothing wrong, but hardly meant. */
void check_oddities(const Policy *policy, GPtrArray *warnings);
