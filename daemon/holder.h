/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Which processes have nodes /dev/tapN open: by the names of their descriptors, in /proc/PID/fd.
 * A file with such a name is held when it is that node; one that root may not look at is none. What
 * it is, the kernel is asked without waiting for whoever answers for the file: any user can make
 * that take for ever (FUSE; statx(2), AT_STATX_DONT_SYNC).
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
