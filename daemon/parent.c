/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The kernel says "Device or resource busy" for each thing that can be in the way. Which one it is
 * is looked up only after it has said so: the way of a request that succeeds stays short.
 */
#include "daemon/parent.h"

#include "daemon/refusal.h"

#include <errno.h>
#include <net/if_arp.h>

static const char *place_text(const PolicyNetwork *network, char text[static 256])
{
    g_snprintf(text, 256, "%s:%u", network->place.file, network->place.line);
    return text;
}

Link *parent_find(Rtnl *host, const PolicyNetwork *network, GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(Link) parent = link_get_by_name(host, network->parent, &failure);
    char place[256];

    if (parent == NULL && g_error_matches(failure, RTNL_ERROR, ENODEV)) {
        refuse(error, REPLY_NO_PARENT, "network %s: its parent %s does not exist (%s)",
               network->name, network->parent, place_text(network, place));
        return NULL;
    }
    if (parent == NULL) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return NULL;
    }
    /* What is followed is the name proper (parents.c); the others may move to another interface. */
    if (!g_str_equal(parent->name, network->parent)) {
        refuse(error, REPLY_NO_PARENT,
               "network %s: its parent %s is another name of %s; the policy must say that (%s)",
               network->name, network->parent, parent->name, place_text(network, place));
        return NULL;
    }
    if (parent->arphrd != ARPHRD_ETHER || (parent->flags & IFF_LOOPBACK) != 0) {
        refuse(error, REPLY_NO_PARENT,
               "network %s: its parent %s is not an Ethernet interface (%s)", network->name,
               network->parent, place_text(network, place));
        return NULL;
    }
    return g_steal_pointer(&parent);
}

/* What `parent` is a port of, as "a port of bridge br0"; NULL when of nothing. */
static char *controller_text(Rtnl *host, const Link *parent)
{
    if (parent->controller == 0)
        return NULL;

    g_autoptr(Link) controller = link_get(host, parent->controller, NULL);
    if (controller == NULL)
        return g_strdup("a port of another interface");
    return g_strdup_printf("a port of %s %s", controller->kind, controller->name);
}

static gboolean same_family(const char *kind, DeviceType type)
{
    gboolean ip = g_str_equal(kind, "ipvlan") || g_str_equal(kind, "ipvtap");
    gboolean mac = g_str_equal(kind, "macvlan") || g_str_equal(kind, "macvtap");

    return !(ip || mac) || ip == ((type & (DEVICE_IPVTAP | DEVICE_IPVLAN)) != 0);
}

/* A sub-interface of the other family on the same parent, as "macvlan web0 stands on it". */
static char *rival_text(Rtnl *host, const Link *parent, DeviceType type)
{
    g_autoptr(GPtrArray) links = link_list(host, NULL);

    for (guint i = 0; links != NULL && i < links->len; i++) {
        const Link *link = g_ptr_array_index(links, i);

        if (link->parent == parent->ifindex && !same_family(link->kind, type))
            return g_strdup_printf("the parent of %s %s", link->kind, link->name);
    }
    return NULL;
}

void parent_explain(Rtnl *host, const PolicyNetwork *network, const Link *parent, DeviceType type,
                    const GError *failure, GError **error)
{
    const char *kind = device_type_text(type);
    char place[256];

    place_text(network, place);
    if (g_error_matches(failure, RTNL_ERROR, EBUSY) ||
        g_error_matches(failure, RTNL_ERROR, EINVAL)) {
        g_autofree char *why = controller_text(host, parent);
        if (why == NULL)
            why = rival_text(host, parent, type);
        if (why == NULL)
            why = g_strdup("in use by something that excludes it, perhaps in another network "
                           "namespace");
        refuse(error, REPLY_NO_PARENT,
               "network %s: its parent %s cannot carry %s devices, since it is %s (%s)",
               network->name, parent->name, kind, why, place);
    } else if (g_error_matches(failure, RTNL_ERROR, EOPNOTSUPP)) {
        refuse(error, REPLY_UNSUPPORTED, "this kernel has no %s; modprobe %s", kind, kind);
    } else if (g_error_matches(failure, RTNL_ERROR, ENODEV)) {
        refuse(error, REPLY_NO_PARENT, "network %s: its parent %s has just gone (%s)",
               network->name, parent->name, place);
    } else {
        g_propagate_error(error, g_error_copy(failure));
    }
}
