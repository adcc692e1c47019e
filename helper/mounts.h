/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * What a command in a network namespace of its own must see of the file system. Called after
 * unshare(CLONE_NEWNS | CLONE_NEWNET).
 */
#pragma once

#include <stdbool.h>

/* Keeps this mount namespace's mounts from the host's, then, as far as this kernel lets it, mounts
 * the /sys of this network namespace and a copy of /etc/resolv.conf that the command may write. On
 * false, which is about the first only, errno is set. */
bool mounts_make(void);

/* Replaces the root directory by an empty one that cannot be written. On false errno is set. */
bool mounts_make_empty(void);
