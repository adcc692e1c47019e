/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The order of making, each step with its reason:
 *
 *  1. RTM_NEWLINK on the host's socket, straight into the tap room and up: at no moment does the
 *     host's netns see the device. NLM_F_EXCL, so that an ifindex in use is an error and never
 *     changes somebody's link.
 *  2. Alias and IFF_NOARP on the room's socket, once the first is acknowledged: had it failed
 *     because the ifindex is taken, the alias would go to somebody else's device. (Nothing is lost
 *     by that: the kernel has acknowledged by the time that sending returns.) From here on a
 *     restarted daemon knows whose it is; a link without alias is deleted by the next start. And
 *     the route to ff00::/8, which the kernel has added, is taken away.
 *  3. The uevent with the device's number, queued by now.
 *  4. Per queue: node, open, verify, lock.
 */
#include "daemon/device.h"

#include "daemon/node.h"
#include "netlink/route.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define IFINDEX_TRIES 64
#define UEVENT_TRIES 2

Device *device_new(const DeviceSpec *spec)
{
    Device *device = g_new0(Device, 1);

    device->type = spec->type;
    device->parent = spec->parent;
    device->mtu = spec->mtu;
    device->alias = spec->alias;
    return device;
}

static Device *device_new_at(const DeviceSpec *spec, guint32 ifindex)
{
    Device *device = device_new(spec);

    device->ifindex = ifindex;
    g_snprintf(device->ifname, sizeof(device->ifname), "ontap%u", ifindex);
    if (device->alias.name[0] == '\0')
        g_strlcpy(device->alias.name, device->ifname, sizeof(device->alias.name));
    return device;
}

/* The kernel gives each link that is up a route to ff00::/8, and with each further link it goes
 * through all of these: with some thousands they are most of what making a device costs. The room's
 * kernel sends nothing, so it needs none. Where there is no IPv6 there is none to delete. */
static void forget_multicast_route(Kernel *kernel, const Device *device)
{
    route_forget_multicast(kernel->room, device->ifindex, NULL);
}

static gboolean make_link(Kernel *kernel, const DeviceSpec *spec, const Device *device,
                          GError **error)
{
    const LinkSpec link = {
        .type = spec->type,
        .mode = spec->mode,
        .name = device->ifname,
        .ifindex = device->ifindex,
        .parent = spec->parent,
        .netns = kernel->rooms.tap_netns,
    };
    char alias[ALIAS_SIZE];

    g_autoptr(GError) failure = NULL;

    alias_format(&device->alias, alias);
    if (!link_create(kernel->host, &link, &failure)) {
        /* The answer was lost, and perhaps it was a yes. */
        if (rtnl_answer_lost(failure))
            link_delete(kernel->room, device->ifindex, NULL);
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    if (link_settle(kernel->room, device->ifindex, alias, error)) {
        forget_multicast_route(kernel, device);
        return TRUE;
    }
    link_delete(kernel->room, device->ifindex, NULL);
    return FALSE;
}

static gboolean open_queues(Kernel *kernel, Device *device, dev_t number, int *fds, GError **error)
{
    for (guint queue = 0; queue < device->alias.queues; queue++) {
        fds[queue] = node_open(kernel->rooms.nodes, device->ifindex, queue, number, device->ifname,
                               device->hwaddr, error);
        if (fds[queue] < 0) {
            while (queue-- > 0) {
                close(fds[queue]);
                node_remove(kernel->rooms.nodes, device->ifindex, queue);
            }
            return FALSE;
        }
        device->open_queues |= G_GUINT64_CONSTANT(1) << queue;
    }
    return TRUE;
}

static Device *make_at(Kernel *kernel, const DeviceSpec *spec, guint32 ifindex, int *fds,
                       gboolean *uevent_lostp, GError **error)
{
    Device *device = device_new_at(spec, ifindex);
    dev_t number;

    *uevent_lostp = FALSE;
    if (!make_link(kernel, spec, device, error)) {
        g_free(device);
        return NULL;
    }
    if (!uevents_find_tap(kernel->homes[PLACE_TAP_ROOM].uevents, ifindex, &number, error))
        *uevent_lostp = TRUE;
    else if (open_queues(kernel, device, number, fds, error))
        return device;
    device_delete_link(kernel, device, NULL);
    g_free(device);
    return NULL;
}

/* An ifindex that somebody has taken (in the host's netns or in the room) is passed over. */
static gboolean ifindex_taken(const GError *error)
{
    return g_error_matches(error, RTNL_ERROR, EEXIST);
}

static guint32 ifindex_after(guint32 ifindex)
{
    return ifindex + 1 >= PLACE_HOST_FIRST ? PLACE_TAP_ROOM_FIRST : ifindex + 1;
}

Device *device_make(Kernel *kernel, const DeviceSpec *spec, guint32 *ifindexp, int *fds,
                    GError **error)
{
    guint uevents_lost = 0;

    for (guint tries = 0;; tries++) {
        g_autoptr(GError) failure = NULL;
        gboolean uevent_lost;
        guint32 ifindex = *ifindexp;

        *ifindexp = ifindex_after(ifindex);
        Device *device = make_at(kernel, spec, ifindex, fds, &uevent_lost, &failure);
        if (device != NULL)
            return device;
        uevents_lost += uevent_lost;
        gboolean again = tries < IFINDEX_TRIES &&
                         (uevent_lost ? uevents_lost < UEVENT_TRIES : ifindex_taken(failure));
        if (!again) {
            g_propagate_error(error, g_steal_pointer(&failure));
            return NULL;
        }
    }
}

gboolean device_delete_link(const Kernel *kernel, const Device *device, GError **error)
{
    g_autoptr(GError) failure = NULL;

    if (link_delete(kernel_home(kernel, device->ifindex)->rtnl, device->ifindex, &failure) ||
        g_error_matches(failure, RTNL_ERROR, ENODEV))
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

Device *device_from_link(const Link *link, Place place)
{
    Alias alias;
    DeviceType type;

    if (link->alias == NULL || !alias_parse(&alias, link->alias) ||
        !device_type_parse(link->kind, &type) || link->ifindex < PLACE_TAP_ROOM_FIRST ||
        alias.place != place || place_of(link->ifindex) != place)
        return NULL;

    Device *device = g_new0(Device, 1);
    device->ifindex = link->ifindex;
    g_strlcpy(device->ifname, link->name, sizeof(device->ifname));
    device->type = type;
    device->parent = link->parent;
    device->mtu = link->mtu;
    device->alias = alias;
    memcpy(device->hwaddr, link->hwaddr, HWADDR_SIZE);
    return device;
}
