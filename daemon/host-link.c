/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The door is made first and removed last, so whatever a daemon that was killed has left of the
 * rest is found by it. It is brought up only when it lets nothing through any more.
 */
#include "daemon/host-link.h"

#include "daemon/log.h"
#include "netlink/qdisc.h"
#include "netlink/route.h"
#include "netlink/steer.h"

#include <errno.h>
#include <string.h>

#define ALIAS "ontapd: from this host to its guests (host=on)"

/* On the parent others may have rules, most of which are asked at 1 or far above. */
#define PRIORITY_AT_PARENT 7

enum {
    PRIORITY_ARP = 1,
    PRIORITY_SOLICIT,
    PRIORITY_REST,
};

void host_link_name(guint32 parent, char name[static IFNAMSIZ])
{
    /* Hexadecimal, or the largest would not fit. */
    g_snprintf(name, IFNAMSIZ, "ontaph%x", parent);
}

gboolean host_link_is(const Link *link)
{
    char name[IFNAMSIZ];

    host_link_name(link->parent, name);
    return link->parent != 0 && g_str_equal(link->kind, "ipvlan") && g_str_equal(link->name, name);
}

/* 0: there is none. */
static guint32 find_door(Rtnl *host, guint32 parent, GError **error)
{
    g_autoptr(GError) failure = NULL;
    char name[IFNAMSIZ];

    host_link_name(parent, name);
    g_autoptr(Link) link = link_get_by_name(host, name, &failure);
    if (link == NULL && !g_error_matches(failure, RTNL_ERROR, ENODEV))
        g_propagate_error(error, g_steal_pointer(&failure));
    if (link == NULL)
        return 0;
    if (host_link_is(link) && link->parent == parent)
        return link->ifindex;
    g_set_error(error, RTNL_ERROR, EEXIST,
                "there is an interface %s that is not ours; rename it: ip link set dev %s name …",
                name, name);
    return 0;
}

static guint32 find_or_create_door(Rtnl *host, guint32 parent, GError **error)
{
    g_autoptr(GError) failure = NULL;
    guint32 door = find_door(host, parent, &failure);
    char name[IFNAMSIZ];

    if (failure != NULL) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return 0;
    }
    if (door != 0)
        return door;
    host_link_name(parent, name);
    const LinkSpec spec = {
        .type = DEVICE_IPVLAN,
        .mode = LINK_MODE_BRIDGE,
        .name = name,
        .parent = parent,
        .down = true,
        .netns = -1,
    };
    return link_create(host, &spec, error) ? find_door(host, parent, error) : 0;
}

static Steer to_guests(guint32 parent, guint32 door, const guint8 hwaddr[static HWADDR_SIZE])
{
    Steer steer = {STEER_UNICAST_TO, parent, PRIORITY_AT_PARENT, .target = door};

    memcpy(steer.hwaddr, hwaddr, HWADDR_SIZE);
    return steer;
}

static gboolean rule_door(Rtnl *host, guint32 parent, guint32 door,
                          const guint8 hwaddr[static HWADDR_SIZE], GError **error)
{
    Steer rules[] = {
        {STEER_NOWHERE, door, PRIORITY_REST, {0}, 0},
        {STEER_ARP_FROM, door, PRIORITY_ARP, {0}, parent},
        {STEER_SOLICIT_FROM, door, PRIORITY_SOLICIT, {0}, parent},
    };

    if (!qdisc_add_clsact(host, door, error))
        return FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(rules); i++) {
        memcpy(rules[i].hwaddr, hwaddr, HWADDR_SIZE);
        if (!steer_set(host, &rules[i], error))
            return FALSE;
    }
    return TRUE;
}

static gboolean rule_parent(Rtnl *host, guint32 parent, guint32 door,
                            const guint8 hwaddr[static HWADDR_SIZE], GError **error)
{
    const Steer rule = to_guests(parent, door, hwaddr);
    g_autoptr(GError) failure = NULL;

    if (qdisc_add_clsact(host, parent, &failure))
        return steer_set(host, &rule, error);
    if (g_error_matches(failure, RTNL_ERROR, EEXIST))
        g_set_error(error, RTNL_ERROR, EEXIST,
                    "an ingress qdisc of somebody else's stands where clsact would be (tc qdisc "
                    "show; %s)",
                    failure->message);
    else
        g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

/* Of several routes to ff00::/8 the first is what the host's own multicast without an interface
 * takes, and after the parent went down and up that would be the door's: it gives up its own. */
gboolean host_link_make(Rtnl *host, guint32 parent, const guint8 hwaddr[static HWADDR_SIZE],
                        GError **error)
{
    guint32 door = find_or_create_door(host, parent, error);

    return door != 0 && link_seclude(host, door, error) && link_settle(host, door, ALIAS, error) &&
           rule_door(host, parent, door, hwaddr, error) && link_set_up(host, door, error) &&
           route_forget_multicast(host, door, error) &&
           rule_parent(host, parent, door, hwaddr, error);
}

/* An empty clsact may have been there before us; without rules it does nothing. */
static void unrule_parent(Rtnl *host, guint32 parent)
{
    static const guint8 any[HWADDR_SIZE];
    const Steer rule = to_guests(parent, 0, any);
    g_autoptr(GError) error = NULL;
    bool others;

    if (!steer_unset(host, &rule, &error))
        log_debug("%s", error->message);
    if (steer_is_any(host, parent, &others, NULL) && !others)
        qdisc_delete_clsact(host, parent, NULL);
}

void host_link_remove(Rtnl *host, guint32 parent)
{
    g_autoptr(GError) error = NULL;
    guint32 door = find_door(host, parent, NULL);

    unrule_parent(host, parent);
    if (door != 0 && !link_delete(host, door, &error) &&
        !g_error_matches(error, RTNL_ERROR, ENODEV))
        log_warning("%s", error->message);
}
