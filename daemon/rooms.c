/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * How quiet the tap room has to be: an address of a guest is an address of this netns too, and its
 * kernel would speak for the guest on the LAN: answer ARP and neighbour solicitations while no
 * queue is open, report multicast groups, make addresses of its own from router advertisements,
 * forward. A new netns even inherits ip_forward=1 on a host that runs containers. So all of it is
 * switched off here, before the first device; the rest is IFF_NOARP, set on each device before it
 * gets an address.
 */
#include "daemon/rooms.h"

#include "daemon/log.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define NODES_FOLDER "dev"
#define OWN_NETNS "/proc/self/ns/net"
/* Queues of all devices: more than the kernel's 65,534 children of a parent would be odd. */
#define NODE_ROOM_OPTIONS "mode=0711,size=64k,nr_inodes=70000"

/* Where IPv6 is not built in or switched off, its files are missing, and so is the danger. */
static const struct {
    const char *path;
    const char *value;
} quiet_settings[] = {
    {"/proc/sys/net/ipv4/ip_forward", "0"},
    {"/proc/sys/net/ipv4/conf/all/forwarding", "0"},
    {"/proc/sys/net/ipv4/conf/default/forwarding", "0"},
    {"/proc/sys/net/ipv4/conf/all/arp_ignore", "8"},
    {"/proc/sys/net/ipv4/conf/default/arp_ignore", "8"},
    {"/proc/sys/net/ipv4/conf/all/arp_notify", "0"},
    {"/proc/sys/net/ipv4/conf/default/arp_notify", "0"},
    {"/proc/sys/net/ipv4/conf/all/proxy_arp", "0"},
    {"/proc/sys/net/ipv4/conf/default/proxy_arp", "0"},
    {"/proc/sys/net/ipv6/conf/all/forwarding", "0"},
    {"/proc/sys/net/ipv6/conf/default/forwarding", "0"},
    {"/proc/sys/net/ipv6/conf/all/accept_ra", "0"},
    {"/proc/sys/net/ipv6/conf/default/accept_ra", "0"},
    {"/proc/sys/net/ipv6/conf/default/autoconf", "0"},
    {"/proc/sys/net/ipv6/conf/default/addr_gen_mode", "1"},
    {"/proc/sys/net/ipv6/conf/default/dad_transmits", "0"},
    {"/proc/sys/net/ipv6/conf/default/router_solicitations", "0"},
    {"/proc/sys/net/ipv6/conf/all/ndisc_notify", "0"},
    {"/proc/sys/net/ipv6/conf/default/ndisc_notify", "0"},
    {"/proc/sys/net/ipv6/conf/all/proxy_ndp", "0"},
    {"/proc/sys/net/ipv6/conf/default/proxy_ndp", "0"},
};

static gboolean fail(GError **error, const char *what, const char *path)
{
    int code = errno;

    g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(code), "cannot %s %s: %s", what, path,
                g_strerror(code));
    return FALSE;
}

static gboolean write_setting(const char *path, const char *value, GError **error)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);

    if (fd < 0)
        return errno == ENOENT ? TRUE : fail(error, "open", path);
    gboolean ok = write(fd, value, strlen(value)) >= 0 || fail(error, "write", path);
    close(fd);
    return ok;
}

static gboolean quiet_current_netns(GError **error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(quiet_settings); i++)
        if (!write_setting(quiet_settings[i].path, quiet_settings[i].value, error))
            return FALSE;
    return TRUE;
}

static gboolean is_netns(int fd)
{
    struct statfs fs;

    return fstatfs(fd, &fs) == 0 && fs.f_type == NSFS_MAGIC;
}

static gboolean path_is_netns(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    gboolean yes = fd >= 0 && is_netns(fd);

    if (fd >= 0)
        close(fd);
    return yes;
}

/* A folder that holds the mounts of namespaces must be a mount of its own, and shared: else a
 * process that copied its mounts before would keep a removed namespace alive unseen. */
static gboolean share_folder(const char *folder, GError **error)
{
    if (mount("", folder, "none", MS_SHARED | MS_REC, NULL) == 0)
        return TRUE;
    if (errno != EINVAL)
        return fail(error, "share", folder);
    if (mount(folder, folder, "none", MS_BIND | MS_REC, NULL) < 0 ||
        mount("", folder, "none", MS_SHARED | MS_REC, NULL) < 0)
        return fail(error, "share", folder);
    return TRUE;
}

static gboolean make_folder(const char *path, GError **error)
{
    return g_mkdir_with_parents(path, 0755) == 0 || fail(error, "make folder", path);
}

/* Leaves the thread in the new netns. */
static gboolean pin_new_netns(const char *path, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);

    if (!make_folder(folder, error) || !share_folder(folder, error))
        return FALSE;
    int fd = open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0444);
    if (fd < 0)
        return fail(error, "make", path);
    close(fd);
    if (unshare(CLONE_NEWNET) < 0)
        return fail(error, "make a network namespace for", path);
    if (mount(OWN_NETNS, path, "none", MS_BIND, NULL) < 0)
        return fail(error, "mount the network namespace at", path);
    return TRUE;
}

static gboolean enter_path(const char *path, GError **error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return fail(error, "open", path);
    gboolean ok = setns(fd, CLONE_NEWNET) == 0 || fail(error, "enter", path);
    close(fd);
    return ok;
}

static gboolean prepare_tap_room(const char *path, GError **error)
{
    int own = open(OWN_NETNS, O_RDONLY | O_CLOEXEC);
    if (own < 0)
        return fail(error, "open", OWN_NETNS);

    gboolean ok = (path_is_netns(path) ? enter_path(path, error) : pin_new_netns(path, error)) &&
                  quiet_current_netns(error);
    if (setns(own, CLONE_NEWNET) < 0)
        g_error("cannot return to the host's network namespace: %s", g_strerror(errno));
    close(own);
    return ok;
}

static gboolean is_tmpfs(const char *path)
{
    struct statfs fs;

    return statfs(path, &fs) == 0 && fs.f_type == TMPFS_MAGIC;
}

/* A tmpfs below a tmpfs: only the device number tells a mount from a folder. */
static gboolean is_mounted(const char *path)
{
    g_autofree char *parent = g_path_get_dirname(path);
    struct stat own, above;

    return is_tmpfs(path) && stat(path, &own) == 0 && stat(parent, &above) == 0 &&
           own.st_dev != above.st_dev;
}

static gboolean prepare_node_room(const char *path, uid_t uid, gid_t gid, GError **error)
{
    if (!make_folder(path, error))
        return FALSE;
    if (!is_mounted(path) &&
        mount("ontap", path, "tmpfs", MS_NOSUID | MS_NOEXEC, NODE_ROOM_OPTIONS) < 0)
        return fail(error, "mount a tmpfs at", path);
    if (chown(path, uid, gid) < 0)
        return fail(error, "change the owner of", path);
    return TRUE;
}

gboolean rooms_prepare(const char *netns_path, const char *run_dir, uid_t uid, gid_t gid,
                       GError **error)
{
    g_autofree char *nodes = g_build_filename(run_dir, NODES_FOLDER, NULL);

    return prepare_tap_room(netns_path, error) && prepare_node_room(nodes, uid, gid, error);
}

gboolean rooms_are_prepared(const char *netns_path, const char *run_dir)
{
    g_autofree char *nodes = g_build_filename(run_dir, NODES_FOLDER, NULL);

    return path_is_netns(netns_path) && is_mounted(nodes);
}

static gboolean same_netns(int a, int b)
{
    struct stat one, other;

    return fstat(a, &one) == 0 && fstat(b, &other) == 0 && one.st_ino == other.st_ino &&
           one.st_dev == other.st_dev;
}

static gboolean open_into(int *fdp, const char *path, int flags, GError **error)
{
    *fdp = open(path, O_RDONLY | O_CLOEXEC | flags);
    return *fdp >= 0 || fail(error, "open", path);
}

gboolean rooms_open(Rooms *rooms, const char *netns_path, const char *run_dir, GError **error)
{
    *rooms = (Rooms)ROOMS_INIT;
    rooms->nodes_path = g_build_filename(run_dir, NODES_FOLDER, NULL);

    if (!open_into(&rooms->host_netns, OWN_NETNS, 0, error) ||
        !open_into(&rooms->tap_netns, netns_path, 0, error) ||
        !open_into(&rooms->nodes, rooms->nodes_path, O_DIRECTORY, error))
        return FALSE;
    if (!is_netns(rooms->tap_netns) || same_netns(rooms->tap_netns, rooms->host_netns)) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                    "%s is not a network namespace of its own; remove it and run "
                    "ontapd --prepare",
                    netns_path);
        return FALSE;
    }
    if (flock(rooms->nodes, LOCK_EX | LOCK_NB) < 0) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_AGAIN,
                    "another ontapd is running on %s; stop it first, or give --run-dir, --netns "
                    "and --socket of its own to this one",
                    rooms->nodes_path);
        return FALSE;
    }
    return TRUE;
}

gboolean rooms_reopen_nodes(Rooms *rooms, GError **error)
{
    int fd;

    if (!open_into(&fd, rooms->nodes_path, O_DIRECTORY, error))
        return FALSE;
    /* The number stays, and with it what was decided by it. Another daemon that takes the lock in
     * between has been told by kernel_open() that the tap room is taken. */
    gboolean ok =
        (dup3(fd, rooms->nodes, O_CLOEXEC) >= 0 && flock(rooms->nodes, LOCK_EX | LOCK_NB) == 0) ||
        fail(error, "lock", rooms->nodes_path);
    close(fd);
    return ok;
}

static void close_fd(int *fdp)
{
    if (*fdp >= 0)
        close(*fdp);
    *fdp = -1;
}

void rooms_close(Rooms *rooms)
{
    close_fd(&rooms->host_netns);
    close_fd(&rooms->tap_netns);
    close_fd(&rooms->nodes);
    g_clear_pointer(&rooms->nodes_path, g_free);
}

gboolean rooms_enter_tap_netns(const Rooms *rooms, GError **error)
{
    return setns(rooms->tap_netns, CLONE_NEWNET) == 0 ||
           fail(error, "enter", "the network namespace of the taps");
}

/* A daemon that stays in the wrong netns would do everything to the wrong links. */
void rooms_leave_tap_netns(const Rooms *rooms)
{
    if (setns(rooms->host_netns, CLONE_NEWNET) < 0)
        g_error("cannot return to the host's network namespace: %s", g_strerror(errno));
}
