/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * From a syntax tree to a Policy.
 */
#pragma once

#include "policy/resolve.h"

/* Takes over `tree` and `subuids` (of SubuidRange, may be NULL). The tree has one file at least. */
Policy *policy_assemble(Tree *tree, GArray *subuids, const NameSource *names, PolicyLoadFlags flags,
                        GPtrArray *warnings, GError **error);
