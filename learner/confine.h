/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Takes everything from the calling process that it does not need to read packets and talk to the
 * daemon: file system, capabilities, namespaces, and nearly all system calls.
 */
#pragma once

#include "sandbox/calls.h"

#include <glib.h>
#include <sys/types.h>

/* For the supervisor. Goes on as this user and group. When not started as root it stays who it is,
 * in a user namespace of its own, which the kernel must allow. */
gboolean confine(uid_t uid, gid_t gid, GError **error);

/* What a list of system calls is enforced with: whether a blocked one is to be named, which the
 * daemon's --trace asks for by $ONTAP_TRACE. */
gboolean confine_calls(const Calls *calls, GError **error);
