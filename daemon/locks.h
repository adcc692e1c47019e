/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Which inodes are locked: /proc/locks, proc_locks(5). An OFD lock lives as long as any holder of
 * its open file description, so this answers "is this queue still used?" without opening the tap,
 * which would join it as one more queue and take its traffic.
 */
#pragma once

#include <glib.h>
#include <sys/stat.h>

typedef struct Locks Locks; /* a snapshot */

/* Opens /proc/locks; the descriptor works on after a change of root. */
int locks_open(GError **error);

/* Reads a snapshot from the descriptor, of the locks on files of `device` alone. It can miss one
 * that is held: the kernel shows the list page by page, and whoever releases a lock of his between
 * two pages shifts it. So believe only what several snapshots do not have. */
Locks *locks_read(int fd, dev_t device, GError **error);
void locks_free(Locks *locks);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Locks, locks_free)

/* The pure part: an empty snapshot, and a line of the file to be added. A line that is not
 * understood is passed over. */
Locks *locks_new(dev_t device);
void locks_add_line(Locks *locks, const char *line);

gboolean locks_contain(const Locks *locks, ino_t inode);
