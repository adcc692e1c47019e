/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Errors that say where: `FILE:LINE:COLUMN: what is wrong`.
 */
#pragma once

#include "policy/policy.h"

/* The same line, another column: a key or value of the statement that stands at `place`. */
PolicyPlace policy_place_column(const PolicyPlace *place, unsigned column);

/* Sets a POLICY_ERROR_SYNTAX. Returns FALSE, so that a check can `return policy_fail(…)`. */
gboolean policy_fail(GError **error, const PolicyPlace *place, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

/* The same text as a line for the administrator. `warnings` may be NULL. */
void policy_warn(GPtrArray *warnings, const PolicyPlace *place, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
