/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * One file of a policy, from disk to memory.
 */
#pragma once

#include "policy/policy.h"

#include <sys/stat.h>

#define POLICY_FILE_SIZE_MAX (1 << 20) /* bytes */

/* Reads a regular file of at most POLICY_FILE_SIZE_MAX bytes. `statusp` is what fstat(2) says of
 * the handle that was read. The error's text has no file name in it: the caller knows the place. */
gboolean file_read(const char *file, char **textp, gsize *sizep, struct stat *statusp,
                   GError **error);

/* Whether nobody but `owner` can have written it. If not, `*whyp` says it. */
gboolean file_is_trusted(const struct stat *status, uid_t owner, char **whyp);
