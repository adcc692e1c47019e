/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * A loaded policy as text, without names that would have to be looked up: how `ontapctl reload`,
 * which may ask the user database, hands a policy to the daemon, which may not.
 *
 * The text is lines of wire/line.h. First what the rest refers to, then the statements in the order
 * in which they count, each with one line for each value of a key:
 *
 *     numeric-policy version=1
 *     file name=/etc/ontap/policy
 *     user uid=1000 name=member
 *     subuid start=100000 count=65536 owner=1000
 *     network file=0 line=2 column=1 name=lan
 *     value key=parent text=wlp3s0
 *     value key=default
 *     allow file=0 line=9 column=1
 *     value key=user text=1000
 *
 * A `user` or `group` that is written without a text matches nobody: its names were not known.
 */
#pragma once

#include "policy/policy.h"

#define POLICY_TEXT_MAX (1 << 20) /* bytes */

/* Never NULL; NUL-terminated, freed with g_free(). A text above POLICY_TEXT_MAX will be refused by
 * whoever reads it. Places survive but for columns of values; quoted lines (policy_source()) do
 * not. */
char *policy_to_text(const Policy *policy);

/* The same policy again. The text may come from anybody: it is checked like a file that an
 * administrator has written. Errors are POLICY_ERRORs; those about the text itself say
 * "line N: …", those about what it means say where the administrator wrote it. */
Policy *policy_from_text(const char *text, gsize size, GError **error);
