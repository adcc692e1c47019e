/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "daemon/node.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

void node_name(guint32 ifindex, guint queue, char name[static NODE_NAME_SIZE])
{
    g_snprintf(name, NODE_NAME_SIZE, "%u.%u", ifindex, queue);
}

gboolean node_parse_name(const char *name, guint32 *ifindexp, guint *queuep)
{
    char canonical[NODE_NAME_SIZE];

    if (sscanf(name, "%9u.%3u", ifindexp, queuep) != 2)
        return FALSE;
    node_name(*ifindexp, *queuep, canonical);
    return strcmp(name, canonical) == 0;
}

static gboolean fail(GError **error, const char *what, const char *name)
{
    int code = errno;

    g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(code), "cannot %s device node %s: %s",
                what, name, g_strerror(code));
    return FALSE;
}

static gboolean refuse(GError **error, const char *name, const char *why)
{
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "device node %s %s", name, why);
    return FALSE;
}

static gboolean verify(int fd, const char *name, dev_t number, const char *ifname,
                       guint8 hwaddr[static HWADDR_SIZE], GError **error)
{
    struct ifreq request = {0};
    struct stat status;

    if (fstat(fd, &status) < 0)
        return fail(error, "examine", name);
    if (!S_ISCHR(status.st_mode) || status.st_rdev != number)
        return refuse(error, name, "has another device number than was made");
    if (ioctl(fd, TUNGETIFF, &request) < 0)
        return fail(error, "ask for the name of", name);
    if (strncmp(request.ifr_name, ifname, IFNAMSIZ) != 0)
        return refuse(error, name, "leads to another device");
    if (ioctl(fd, SIOCGIFHWADDR, &request) < 0)
        return fail(error, "ask for the MAC of", name);
    memcpy(hwaddr, request.ifr_hwaddr.sa_data, HWADDR_SIZE);
    return TRUE;
}

/* Shared, so that it never keeps anybody from anything: it is there to be seen. */
static gboolean take_lock(int fd, const char *name, GError **error)
{
    struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET};

    return fcntl(fd, F_OFD_SETLK, &lock) == 0 || fail(error, "lock", name);
}

int node_open(int room, guint32 ifindex, guint queue, dev_t number, const char *ifname,
              guint8 hwaddr[static HWADDR_SIZE], GError **error)
{
    char name[NODE_NAME_SIZE];

    node_name(ifindex, queue, name);
    if (mknodat(room, name, S_IFCHR | 0600, number) < 0) {
        fail(error, "make", name);
        return -1;
    }
    int fd = openat(room, name, O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
        fail(error, "open", name);
    } else if (!verify(fd, name, number, ifname, hwaddr, error) || !take_lock(fd, name, error)) {
        close(fd);
        fd = -1;
    }
    if (fd < 0)
        node_remove(room, ifindex, queue);
    return fd;
}

void node_remove(int room, guint32 ifindex, guint queue)
{
    char name[NODE_NAME_SIZE];

    node_name(ifindex, queue, name);
    unlinkat(room, name, 0);
}

gboolean node_foreach(int room, NodeCallback callback, gpointer data, GError **error)
{
    /* The stream owns a descriptor of its own; ours keeps its position and its lock. */
    int fd = openat(room, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = fd < 0 ? NULL : fdopendir(fd);

    if (folder == NULL) {
        fail(error, "list", "room");
        if (fd >= 0)
            close(fd);
        return FALSE;
    }
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(folder);
        struct stat status;
        guint32 ifindex = 0;
        guint queue = 0;

        if (entry == NULL)
            break;
        if (g_str_equal(entry->d_name, ".") || g_str_equal(entry->d_name, ".."))
            continue;
        if (fstatat(room, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) < 0)
            continue;
        if (!S_ISCHR(status.st_mode) || !node_parse_name(entry->d_name, &ifindex, &queue))
            ifindex = 0;
        callback(entry->d_name, ifindex, queue, status.st_ino, data);
    }
    gboolean ok = errno == 0 || fail(error, "list", "room");
    closedir(folder);
    return ok;
}
