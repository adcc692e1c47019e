/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "daemon/holder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PROC "/proc"
#define INIT_PID_NAMESPACE 0xEFFFFFFCu /* include/linux/proc_ns.h, PROC_PID_INIT_INO */
#define LINK_SIZE 64                   /* more than ends in a tap is longer, and no name of ours */

guint32 holder_parse_link(const char *target)
{
    const char *name = strrchr(target, '/');
    char *end;

    /* g_ascii_strtoull() would take spaces and signs. */
    if (name == NULL || strncmp(name, "/tap", 4) != 0 || !g_ascii_isdigit(name[4]))
        return 0;
    guint64 number = g_ascii_strtoull(name + 4, &end, 10);
    if (number > G_MAXINT32 || (*end != '\0' && strcmp(end, " (deleted)") != 0))
        return 0;
    return (guint32)number;
}

static char *process_text(const char *pid)
{
    g_autofree char *path = g_build_filename(PROC, pid, "comm", NULL);
    g_autofree char *name = NULL;

    if (!g_file_get_contents(path, &name, NULL, NULL))
        return g_strdup_printf("process %s", pid);
    return g_strdup_printf("process %s (%s)", pid, g_strchomp(name));
}

/* Anybody may open anything with O_PATH, and has nothing of it then. */
static gboolean is_open(const char *pid, const char *fd)
{
    g_autofree char *path = g_build_filename(PROC, pid, "fdinfo", fd, NULL);
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;
    const char *flags;

    if (!g_file_get_contents(path, &text, NULL, &error))
        return !g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
    if ((flags = strstr(text, "flags:")) == NULL)
        return TRUE;
    return (g_ascii_strtoull(flags + strlen("flags:"), NULL, 8) & O_PATH) == 0;
}

/* Whether a file with a node's name is that node: any user can make a file of that name. Root can
 * look at nodes; what it may not look at is a file of some user's FUSE. */
static gboolean is_node(int folder, const char *fd, guint32 ifindex)
{
    char path[LINK_SIZE];
    struct statx file, node;

    g_snprintf(path, sizeof(path), "/dev/tap%u", ifindex);
    if (statx(folder, fd, AT_STATX_DONT_SYNC, STATX_TYPE, &file) < 0)
        return errno == ENOMEM;
    if (!S_ISCHR(file.stx_mode))
        return FALSE;
    return statx(AT_FDCWD, path, AT_STATX_DONT_SYNC, STATX_TYPE, &node) < 0 ||
           (file.stx_rdev_major == node.stx_rdev_major &&
            file.stx_rdev_minor == node.stx_rdev_minor);
}

static void read_links(DIR *folder, const char *pid, GHashTable *holders)
{
    const struct dirent *entry;

    while ((entry = readdir(folder)) != NULL) {
        char target[LINK_SIZE];
        ssize_t size = readlinkat(dirfd(folder), entry->d_name, target, sizeof(target) - 1);

        if (size < 0)
            continue;
        target[size] = '\0';
        guint32 ifindex = holder_parse_link(target);
        if (ifindex != 0 && !g_hash_table_contains(holders, GUINT_TO_POINTER(ifindex)) &&
            is_node(dirfd(folder), entry->d_name, ifindex) && is_open(pid, entry->d_name))
            g_hash_table_insert(holders, GUINT_TO_POINTER(ifindex), process_text(pid));
    }
}

/* FALSE when it could not be looked at. One that has ended meanwhile holds nothing. */
static gboolean read_process(const char *pid, GHashTable *holders)
{
    g_autofree char *path = g_build_filename(PROC, pid, "fd", NULL);
    DIR *folder = opendir(path);

    if (folder == NULL)
        return errno == ENOENT || errno == ESRCH;
    read_links(folder, pid, holders);
    closedir(folder);
    return TRUE;
}

/* All processes of the machine are to be seen: they are not those of a container, and none is
 * hidden (hidepid=). */
static gboolean sees_all(void)
{
    struct stat namespace;

    return stat(PROC "/self/ns/pid", &namespace) == 0 && namespace.st_ino == INIT_PID_NAMESPACE &&
           access(PROC "/1/fd", R_OK) == 0;
}

GHashTable *holders_read(gboolean *completep)
{
    GHashTable *holders = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free);
    DIR *folder = opendir(PROC);
    const struct dirent *entry;

    *completep = folder != NULL && sees_all();
    while (folder != NULL && (entry = readdir(folder)) != NULL)
        if (g_ascii_isdigit(entry->d_name[0]) && !read_process(entry->d_name, holders))
            *completep = FALSE;
    if (folder != NULL)
        closedir(folder);
    return holders;
}
