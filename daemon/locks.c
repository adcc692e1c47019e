/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * A line reads `1: OFDLCK ADVISORY  READ -1 00:1a:5 0 EOF`: device numbers in hexadecimal, the
 * inode in decimal (fs/locks.c, lock_get_status). A lock that somebody waits for has lines with
 * `->` below it; those hold nothing. Only OFD locks count: ours are, and a lock that another
 * process took on the node by a path would be of another kind.
 */
#include "daemon/locks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define LOCKS_FILE "/proc/locks"

struct Locks {
    dev_t device;
    GHashTable *inodes; /* set of guint64 */
};

int locks_open(GError **error)
{
    int fd = open(LOCKS_FILE, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno),
                    "cannot open " LOCKS_FILE ": %s (is it hidden by ProcSubset=pid?)",
                    g_strerror(errno));
    return fd;
}

Locks *locks_new(dev_t device)
{
    Locks *locks = g_new0(Locks, 1);

    locks->device = device;
    locks->inodes = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    return locks;
}

void locks_add_line(Locks *locks, const char *line)
{
    unsigned major_number, minor_number;
    unsigned long long inode;

    if (sscanf(line, "%*u: OFDLCK %*s %*s %*d %x:%x:%llu ", &major_number, &minor_number, &inode) ==
            3 &&
        makedev(major_number, minor_number) == locks->device)
        g_hash_table_add(locks->inodes, g_memdup2(&(guint64){inode}, sizeof(guint64)));
}

Locks *locks_read(int fd, dev_t device, GError **error)
{
    g_autoptr(Locks) locks = locks_new(device);
    char line[256];

    /* A stream of its own on a copy of the descriptor, at the start of the file. */
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    FILE *stream = copy < 0 ? NULL : fdopen(copy, "re");
    if (stream == NULL || fseek(stream, 0, SEEK_SET) < 0)
        goto fail;
    while (fgets(line, sizeof(line), stream) != NULL)
        locks_add_line(locks, line);
    if (ferror(stream))
        goto fail;
    fclose(stream);
    return g_steal_pointer(&locks);

fail:
    g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno),
                "cannot read " LOCKS_FILE ": %s", g_strerror(errno));
    if (stream != NULL)
        fclose(stream);
    else if (copy >= 0)
        close(copy);
    return NULL;
}

void locks_free(Locks *locks)
{
    g_hash_table_unref(locks->inodes);
    g_free(locks);
}

gboolean locks_contain(const Locks *locks, ino_t inode)
{
    return g_hash_table_contains(locks->inodes, &(guint64){inode});
}
