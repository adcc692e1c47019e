/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * An empty root directory for the calling process.
 */
#pragma once

#include <glib.h>

/* Leaves the process in a mount namespace of its own, whose root is a read-only tmpfs with nothing
 * in it but `keep`, an absolute path of a folder, at the same path as outside; NULL for nothing at
 * all. Descriptors that are open stay open: one of a folder outside leads out again, and must be
 * closed. Needs CAP_SYS_ADMIN. */
gboolean root_empty(const char *keep, GError **error);
