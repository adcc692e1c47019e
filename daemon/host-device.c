/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The order of making, each step with its reason:
 *
 *  1. RTM_NEWLINK, down, at a random number: see dev-folder.h for whom it is to evade. NLM_F_EXCL.
 *  2. While it is down it gets what keeps the host's stack from taking part in it: no address of
 *     its own, and the programs of translate/, which hide from that stack all that comes in, and
 *     drop what it would send.
 *  3. The uevent with the device's number, queued by now, and the node of that number.
 *  4. Up, and then its alias and IFF_NOARP, which the kernel takes away from an ipvlan that comes
 *     up. A link without alias is not finished, and is deleted by the next start; one with it
 *     lacks nothing but the removal of a route, which the next start does too.
 */
#include "daemon/host-device.h"

#include "daemon/dev-folder.h"
#include "daemon/log.h"

#include <errno.h>
#include <string.h>

#define TRIES 16

typedef enum {
    MADE,
    FAILED,
    UNLUCKY, /* another number may do */
} Outcome;

static Outcome check_node(const Kernel *kernel, guint32 ifindex, GError **error)
{
    g_autoptr(GError) failure = NULL;
    dev_t number;

    if (!uevents_find_tap(kernel->homes[PLACE_HOST].uevents, ifindex, &number, &failure)) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return UNLUCKY;
    }
    switch (dev_folder_look(kernel->dev, ifindex, number)) {
    case DEV_NODE_RIGHT:
        return MADE;
    case DEV_NODE_MISSING:
        g_set_error(error, RTNL_ERROR, ENOENT,
                    "the kernel made no node /dev/tap%u; is /dev a devtmpfs?", ifindex);
        return FAILED;
    case DEV_NODE_WRONG:
        break;
    }
    log_warning("/dev/tap%u is the node of another device, in another network namespace, so that "
                "number is not used; if this is said often, some user means harm",
                ifindex);
    g_set_error(error, RTNL_ERROR, EBUSY, "/dev/tap%u is the node of another device", ifindex);
    return UNLUCKY;
}

static gboolean read_hwaddr(const Kernel *kernel, Device *device, GError **error)
{
    g_autoptr(Link) link = link_get(kernel->host, device->ifindex, error);

    if (link != NULL)
        memcpy(device->hwaddr, link->hwaddr, HWADDR_SIZE);
    return link != NULL;
}

/* All that is to be done before it comes up. */
static Outcome furnish(const Kernel *kernel, Translator *translator, Device *device, GError **error)
{
    if (!link_seclude(kernel->host, device->ifindex, error) || !read_hwaddr(kernel, device, error))
        return FAILED;
    Outcome outcome = check_node(kernel, device->ifindex, error);
    if (outcome == MADE && !translator_add(translator, kernel->host, device, error))
        return FAILED;
    return outcome;
}

static gboolean finish(const Kernel *kernel, const Device *device, GError **error)
{
    char alias[ALIAS_SIZE];

    alias_format(&device->alias, alias);
    if (!link_set_up(kernel->host, device->ifindex, error) ||
        !link_settle(kernel->host, device->ifindex, alias, error))
        return FALSE;
    home_forget_routes(&kernel->homes[PLACE_HOST], device->ifindex);
    return TRUE;
}

static Outcome create_link(const Kernel *kernel, const DeviceSpec *spec, const Device *device,
                           GError **error)
{
    g_autoptr(GError) failure = NULL;
    const LinkSpec link = {
        .type = spec->type,
        .mode = spec->mode,
        .name = device->ifname,
        .ifindex = device->ifindex,
        .parent = spec->parent,
        .down = true,
        .netns = -1,
    };

    if (link_create(kernel->host, &link, &failure))
        return MADE;
    Outcome outcome = g_error_matches(failure, RTNL_ERROR, EEXIST) ? UNLUCKY : FAILED;
    /* The answer was lost, and perhaps it was a yes. */
    if (rtnl_answer_lost(failure))
        link_delete(kernel->host, device->ifindex, NULL);
    g_propagate_error(error, g_steal_pointer(&failure));
    return outcome;
}

static Outcome make(const Kernel *kernel, Translator *translator, const DeviceSpec *spec,
                    Device *device, GError **error)
{
    Outcome outcome = create_link(kernel, spec, device, error);

    if (outcome != MADE)
        return outcome;
    outcome = furnish(kernel, translator, device, error);
    if (outcome == MADE && !finish(kernel, device, error))
        outcome = FAILED;
    if (outcome == MADE)
        return MADE;
    device_delete_link(kernel, device, NULL);
    translator_remove(translator, device->ifindex);
    return outcome;
}

Device *host_device_make(const Kernel *kernel, Translator *translator, const DeviceSpec *spec,
                         GError **error)
{
    for (guint tries = 1;; tries++) {
        Device *device = device_new(spec);
        g_autoptr(GError) failure = NULL;

        if (!place_random_ifindex(&device->ifindex, error)) {
            g_free(device);
            return NULL;
        }
        g_strlcpy(device->ifname, spec->alias.name, sizeof(device->ifname));
        Outcome outcome = make(kernel, translator, spec, device, &failure);
        if (outcome == MADE)
            return device;
        g_free(device);
        if (outcome == FAILED || tries == TRIES) {
            g_propagate_error(error, g_steal_pointer(&failure));
            return NULL;
        }
    }
}
