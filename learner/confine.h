/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Takes everything from the calling process that it does not need to read packets and talk to the
 * daemon: file system, capabilities, namespaces.
 */
#pragma once

#include <glib.h>
#include <sys/types.h>

/* Goes on as this user and group. When not started as root it stays who it is, in a user namespace
 * of its own, which the kernel must allow. */
gboolean confine(uid_t uid, gid_t gid, GError **error);
