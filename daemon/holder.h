/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Which processes have nodes /dev/tapN open: by the names of their descriptors, in /proc/PID/fd.
 * Only the links there are read. To look at the files themselves would be to wait for whoever
 * answers for them, and any user can make that take for ever (FUSE).
 *
 * Also used by ontapctl.
 */
#pragma once

#include <glib.h>

/* The numbers N, each with a text such as `process 4711 (qemu-system-x86)`. `*completep`: no
 * process went unseen, so that what is not listed has no holder; it takes root, with all
 * capabilities and the host's own processes to see. */
GHashTable *holders_read(gboolean *completep);

/* The number in `/dev/tapN` or `/dev/tapN (deleted)`, wherever that folder is; 0 for other names.
 */
guint32 holder_parse_link(const char *target);
