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

typedef struct {
    dev_t device;
    ino_t inode;
} Inode;

struct Locks {
    GHashTable *inodes; /* set of Inode */
};

static guint inode_hash(gconstpointer key)
{
    const Inode *inode = key;

    return g_int64_hash(&(gint64){(gint64)inode->inode ^ ((gint64)inode->device << 40)});
}

static gboolean inode_equal(gconstpointer a, gconstpointer b)
{
    const Inode *one = a, *other = b;

    return one->device == other->device && one->inode == other->inode;
}

int locks_open(GError **error)
{
    int fd = open(LOCKS_FILE, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno),
                    "cannot open " LOCKS_FILE ": %s (is it hidden by ProcSubset=pid?)",
                    g_strerror(errno));
    return fd;
}

Locks *locks_parse(const char *text)
{
    Locks *locks = g_new0(Locks, 1);
    locks->inodes = g_hash_table_new_full(inode_hash, inode_equal, g_free, NULL);

    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (guint i = 0; lines[i] != NULL; i++) {
        unsigned major, minor;
        unsigned long long number;

        if (sscanf(lines[i], "%*u: OFDLCK %*s %*s %*d %x:%x:%llu ", &major, &minor, &number) != 3)
            continue;
        Inode *inode = g_new(Inode, 1);
        *inode = (Inode){makedev(major, minor), (ino_t)number};
        g_hash_table_add(locks->inodes, inode);
    }
    return locks;
}

Locks *locks_read(int fd, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    char buffer[16384];
    ssize_t size;

    /* The file is made line by line while it is read: from the start, in one go. */
    if (lseek(fd, 0, SEEK_SET) < 0)
        goto fail;
    while ((size = read(fd, buffer, sizeof(buffer))) > 0)
        g_string_append_len(text, buffer, size);
    if (size < 0)
        goto fail;
    return locks_parse(text->str);

fail:
    g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno),
                "cannot read " LOCKS_FILE ": %s", g_strerror(errno));
    return NULL;
}

void locks_free(Locks *locks)
{
    g_hash_table_unref(locks->inodes);
    g_free(locks);
}

gboolean locks_contain(const Locks *locks, dev_t device, ino_t inode)
{
    return g_hash_table_contains(locks->inodes, &(Inode){device, inode});
}
