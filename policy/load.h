/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * policy_load() with another system underneath, for tests.
 */
#pragma once

#include "policy/resolve.h"

#define POLICY_INCLUDE_DEPTH_MAX 8 /* files that include one another */
#define POLICY_FILES_MAX 256

typedef struct {
    uid_t owner;             /* who must own the files */
    const char *subuid_file; /* need not exist */
    const NameSource *names;
    const char *passwd_file; /* names for messages; NULL: none */
} LoadSystem;

Policy *policy_load_on(const LoadSystem *system, const char *file, PolicyLoadFlags flags,
                       GPtrArray *warnings, GError **error);
