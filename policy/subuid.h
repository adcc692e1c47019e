/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Subordinate uids: /etc/subuid, subuid(5).
 */
#pragma once

#include "policy/resolve.h"

/* Appends the ranges of the text to `ranges` (of SubuidRange). A line that cannot be used is a
 * warning: the file is not ours to reject. `file` is a name for messages. */
void subuid_parse(GArray *ranges, const char *file, const char *text, gsize size,
                  const NameSource *names, GPtrArray *warnings);

/* The owner of the range `uid` lies in, else `uid`. */
uid_t subuid_owner(const GArray *ranges, uid_t uid);
