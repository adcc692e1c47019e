/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * What `list` and `watch` say of networks and their parents: to each caller those networks that he
 * may use, to root all. docs/PROTOCOL.md is the reference of the lines.
 */
#pragma once

#include "daemon/parents.h"

/* Whether the policy allows this caller any device on it; root sees all. */
gboolean networks_may_see(const Policy *policy, const Credentials *credentials,
                          const PolicyNetwork *network);

/* Appends the lines of all that this caller may see. */
void networks_append(const Service *service, const Credentials *credentials, GString *text);

/* Tells watchers of a parent that has come, changed or gone. */
void networks_parent_changed(const Service *service, const ParentState *parent);

/* Tells watchers that the host reaches its guests on this parent, or that it does not any more. */
void networks_host_changed(const Service *service, const char *parent);

/* Tells watchers which networks differ between `old` and the present policy. */
void networks_policy_changed(const Service *service, const Policy *old);
