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

/* Reads a snapshot from the descriptor. */
Locks *locks_read(int fd, GError **error);
void locks_free(Locks *locks);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Locks, locks_free)

/* The pure part: reads the file's text. Lines that it does not understand hold nobody up. */
Locks *locks_parse(const char *text);

gboolean locks_contain(const Locks *locks, dev_t device, ino_t inode);
