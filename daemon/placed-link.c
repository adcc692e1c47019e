/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Whoever may set addresses in a netns where an ipvlan lives takes over any address of its parent,
 * the host's too, and no rule of ours is asked. So everything hangs on whose the netns is:
 *
 *  - It is that of the accepted socket (SIOCGSKNS): where the client's socket was made. A pid may
 *    have been given to another process by now, and a descriptor of the client's is never taken.
 *  - The user namespace that owns it (NS_GET_USERNS) is the one that owns the host's netns. In any
 *    other there is somebody, not root here, who has CAP_NET_ADMIN over it.
 *  - It is not the tap room, where nothing but taps lives, and not the host's own.
 *
 * Who owns a netns never changes, so what was checked holds when the link is made.
 *
 * The link is made by one message, straight in there, or not at all. Should the kernel's answer be
 * lost, a link may be left that nobody was told of; it goes with the client's netns. The number is
 * chosen here: the kernel would look the name up in the host's netns otherwise, and would not say
 * which number it gave.
 */
#include "daemon/placed-link.h"

#include "daemon/place.h"
#include "daemon/refusal.h"

#include <errno.h>
#include <linux/nsfs.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define IFINDEX_TRIES 8

static gboolean fail(GError **error, const char *what)
{
    g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno), "cannot find %s: %s", what,
                g_strerror(errno));
    return FALSE;
}

/* One namespace has one inode, wherever it was opened. */
static gboolean same_namespace(int one, int other, gboolean *samep, GError **error)
{
    struct stat a, b;

    if (fstat(one, &a) < 0 || fstat(other, &b) < 0)
        return fail(error, "out which namespace this is");
    *samep = a.st_dev == b.st_dev && a.st_ino == b.st_ino;
    return TRUE;
}

static gboolean refuse_stranger(int owner, GError **error)
{
    g_autofree char *of = NULL;
    uid_t uid;

    if (owner >= 0 && ioctl(owner, NS_GET_OWNER_UID, &uid) == 0)
        of = g_strdup_printf(" of uid %u", uid);
    refuse(error, REPLY_DENIED,
           "this network namespace belongs to a user namespace%s, in which the device could be "
           "given the host's addresses; ask from one that root has made, as ontap does, or unshare "
           "--net or ip netns add outside of a container",
           of != NULL ? of : "");
    return FALSE;
}

/* A user namespace that is not below our own is not shown to us: EPERM. */
static gboolean check_owner(const Rooms *rooms, int netns, GError **error)
{
    int host = ioctl(rooms->host_netns, NS_GET_USERNS);
    int owner = ioctl(netns, NS_GET_USERNS);
    gboolean known = owner >= 0 || errno == EPERM;
    gboolean same = FALSE;
    gboolean ok;

    if (host < 0 || !known)
        ok = fail(error, "the owner of a network namespace");
    else
        ok = owner < 0 || same_namespace(host, owner, &same, error);
    if (ok && !same)
        ok = refuse_stranger(owner, error);
    if (host >= 0)
        close(host);
    if (owner >= 0)
        close(owner);
    return ok;
}

static gboolean check_netns(const Rooms *rooms, int netns, DeviceType type, GError **error)
{
    const char *kind = device_type_text(type);
    gboolean of_host, of_taps;

    if (!same_namespace(netns, rooms->host_netns, &of_host, error) ||
        !same_namespace(netns, rooms->tap_netns, &of_taps, error))
        return FALSE;
    if (of_host) {
        refuse(error, REPLY_DENIED,
               "no %s is put into the network namespace of the host, which would then talk to "
               "itself over two interfaces; ask from another: ontap -t %s -- COMMAND makes one",
               kind, kind);
        return FALSE;
    }
    if (of_taps) {
        refuse(error, REPLY_DENIED,
               "no %s is put into the network namespace of the taps; ask from another: ontap -t %s "
               "-- COMMAND makes one",
               kind, kind);
        return FALSE;
    }
    return check_owner(rooms, netns, error);
}

int placed_link_netns(const Rooms *rooms, int socket, DeviceType type, GError **error)
{
    int netns = ioctl(socket, SIOCGSKNS);

    if (netns < 0) {
        fail(error, "the network namespace of a client");
        return -1;
    }
    if (check_netns(rooms, netns, type, error))
        return netns;
    close(netns);
    return -1;
}

gboolean placed_link_name(char name[static DEVICE_IFNAME_SIZE], GError **error)
{
    guint32 number;

    if (!place_random_ifindex(&number, error))
        return FALSE;
    g_snprintf(name, DEVICE_IFNAME_SIZE, "ontap%u", number);
    return TRUE;
}

/* EEXIST is the number, in the host's netns or in there, or the name: another number tells. */
gboolean placed_link_make(Rtnl *host, const PlacedLinkSpec *spec, guint32 *ifindexp, GError **error)
{
    LinkSpec link = {
        .type = spec->type,
        .mode = spec->mode,
        .name = spec->name,
        .parent = spec->parent,
        .netns = spec->netns,
        .hwaddr = spec->hwaddr,
        .down = true,
    };

    for (guint tries = 0;; tries++) {
        g_autoptr(GError) failure = NULL;

        if (!place_random_ifindex(&link.ifindex, error))
            return FALSE;
        if (link_create(host, &link, &failure)) {
            *ifindexp = link.ifindex;
            return TRUE;
        }
        if (tries == IFINDEX_TRIES || !g_error_matches(failure, RTNL_ERROR, EEXIST)) {
            g_propagate_error(error, g_steal_pointer(&failure));
            return FALSE;
        }
    }
}
