/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "daemon/host-neighbours.h"

#include "daemon/ip-set.h"
#include "daemon/log.h"

#include <errno.h>
#include <linux/neighbour.h>
#include <string.h>

#define TELL_EVERY_S 5

struct HostNeighbours {
    const Service *service;
    Rtnl *host;
    GHashTable *told; /* set of IpAddress: refused, and logged */
    gint64 told_next; /* g_get_monotonic_time() from which on another may be */
};

HostNeighbours *host_neighbours_new(const Service *service)
{
    HostNeighbours *neighbours = g_new0(HostNeighbours, 1);

    neighbours->service = service;
    neighbours->host = service->kernel.host;
    neighbours->told = ip_set_new();
    return neighbours;
}

void host_neighbours_free(HostNeighbours *neighbours)
{
    g_hash_table_unref(neighbours->told);
    g_free(neighbours);
}

static gboolean is_ours(const Neighbour *known)
{
    /* An entry that the kernel has taken over since keeps its protocol. */
    return known->protocol == NEIGHBOUR_PROTOCOL && (known->state & NUD_PERMANENT) != 0;
}

HostNeighbourVerdict host_neighbours_judge(const Neighbour *known,
                                           const guint8 hwaddr[static HWADDR_SIZE])
{
    gboolean right = known != NULL && memcmp(known->hwaddr, hwaddr, HWADDR_SIZE) == 0;

    if (known == NULL || !known->known)
        return HOST_NEIGHBOUR_FREE;
    if (is_ours(known))
        return right ? HOST_NEIGHBOUR_SET : HOST_NEIGHBOUR_FREE;
    return right ? HOST_NEIGHBOUR_FREE : HOST_NEIGHBOUR_TAKEN;
}

HostNeighbourVerdict host_neighbours_judge_route(const Route *route, guint32 parent)
{
    if (route->type != RTN_UNICAST)
        return HOST_NEIGHBOUR_NOWHERE;
    if (route->ifindex != parent || route->gateway.family != AF_UNSPEC)
        return HOST_NEIGHBOUR_ELSEWHERE;
    return HOST_NEIGHBOUR_FREE;
}

static gboolean is_link_local(const IpAddress *ip)
{
    return ip->family == AF_INET6 && ip->bytes[0] == 0xfe && (ip->bytes[1] & 0xc0) == 0x80;
}

static HostNeighbourVerdict judge(Rtnl *host, const ParentState *parent, const IpAddress *ip,
                                  const Neighbour *known, Route *routep)
{
    HostNeighbourVerdict verdict = host_neighbours_judge(known, parent->hwaddr);

    if (verdict != HOST_NEIGHBOUR_FREE || is_link_local(ip))
        return verdict;
    return route_lookup(host, ip, routep, NULL)
               ? host_neighbours_judge_route(routep, parent->ifindex)
               : HOST_NEIGHBOUR_NOWHERE;
}

static char *taken_text(const IpAddress *ip, const ParentState *parent, const Neighbour *known)
{
    char address[IP_TEXT_SIZE], hwaddr[HWADDR_TEXT_SIZE];

    ip_format(ip, address);
    hwaddr_format(known->hwaddr, hwaddr);
    return g_strdup_printf("the host does not reach its guest at %s: it knows that address on %s "
                           "at %s (ip neighbour show to %s)",
                           address, parent->name, hwaddr, address);
}

static char *elsewhere_text(Rtnl *host, const IpAddress *ip, const ParentState *parent,
                            const Route *route)
{
    g_autoptr(Link) link = link_get(host, route->ifindex, NULL);
    char address[IP_TEXT_SIZE];

    ip_format(ip, address);
    return g_strdup_printf("the host does not reach its guest at %s: its route leads through %s%s "
                           "and not to the network of %s (ip route get %s)",
                           address, link != NULL ? link->name : "another interface",
                           route->gateway.family != AF_UNSPEC ? " to a router" : "", parent->name,
                           address);
}

/* Takes over `text`. Each is logged once, and none too soon after another: it is guests who choose
 * addresses. */
static void refuse(HostNeighbours *neighbours, const IpAddress *ip, char *text, char **troublep)
{
    gint64 now = g_get_monotonic_time();

    if (!g_hash_table_contains(neighbours->told, ip) && now >= neighbours->told_next) {
        g_hash_table_add(neighbours->told, g_memdup2(ip, sizeof(*ip)));
        neighbours->told_next = now + TELL_EVERY_S * G_USEC_PER_SEC;
        log_warning("%s", text);
    }
    if (*troublep == NULL)
        *troublep = text;
    else
        g_free(text);
}

static void set_entry(Rtnl *host, const ParentState *parent, const IpAddress *ip)
{
    g_autoptr(GError) error = NULL;

    /* As when the host has no IPv6 there. */
    if (!neighbour_add(host, parent->ifindex, ip, parent->hwaddr, &error))
        log_debug("%s", error->message);
}

static void unset_entry(Rtnl *host, const Neighbour *known)
{
    g_autoptr(GError) error = NULL;

    if (!neighbour_delete(host, known->ifindex, &known->ip, &error) &&
        !g_error_matches(error, RTNL_ERROR, ENOENT) && !g_error_matches(error, RTNL_ERROR, ENODEV))
        log_warning("%s", error->message);
}

static void follow_address(HostNeighbours *neighbours, const ParentState *parent,
                           const IpAddress *ip, const Neighbour *known, char **troublep)
{
    Rtnl *host = neighbours->host;
    Route route = {0};

    switch (judge(host, parent, ip, known, &route)) {
    case HOST_NEIGHBOUR_FREE:
        set_entry(host, parent, ip);
        return;
    case HOST_NEIGHBOUR_TAKEN:
        refuse(neighbours, ip, taken_text(ip, parent, known), troublep);
        if (known->state & NUD_STALE)
            neighbour_verify(host, parent->ifindex, ip, NULL);
        return;
    case HOST_NEIGHBOUR_ELSEWHERE:
        refuse(neighbours, ip, elsewhere_text(host, ip, parent, &route), troublep);
        return;
    case HOST_NEIGHBOUR_SET:
    case HOST_NEIGHBOUR_NOWHERE:
        return;
    }
}

/* The addresses of all guests on this parent. */
static GHashTable *wanted_on(const Service *service, guint32 parent)
{
    g_autoptr(GPtrArray) devices = registry_list(keeper_registry(service->keeper));
    GHashTable *wanted = ip_set_new();

    for (guint i = 0; i < devices->len; i++) {
        const Device *device = g_ptr_array_index(devices, i);

        if (device->ended || device->parent != parent)
            continue;
        g_autoptr(GPtrArray) bounds = bound_list(service->bound, device->ifindex);
        for (guint j = 0; j < bounds->len; j++) {
            const Bound *bound = g_ptr_array_index(bounds, j);
            g_hash_table_add(wanted, g_memdup2(&bound->ip, sizeof(bound->ip)));
        }
    }
    return wanted;
}

/* Those that stay, by their address. */
static GHashTable *sweep(Rtnl *host, GArray *entries, GHashTable *wanted)
{
    GHashTable *stay = g_hash_table_new(ip_hash, ip_hash_equal);

    for (guint i = 0; i < entries->len; i++) {
        Neighbour *known = &g_array_index(entries, Neighbour, i);

        if (is_ours(known) && !g_hash_table_contains(wanted, &known->ip))
            unset_entry(host, known);
        else
            g_hash_table_insert(stay, &known->ip, known);
    }
    return stay;
}

static gboolean is_not_in(gpointer ip, gpointer value, gpointer set)
{
    return !g_hash_table_contains(set, ip);
}

gboolean host_neighbours_follow(HostNeighbours *neighbours, const ParentState *parent,
                                char **troublep, GError **error)
{
    g_autoptr(GArray) entries = neighbour_list(neighbours->host, parent->ifindex, error);
    g_autoptr(GHashTable) wanted = wanted_on(neighbours->service, parent->ifindex);
    g_autoptr(GHashTable) stay = NULL;
    GHashTableIter iter;
    gpointer ip;

    *troublep = NULL;
    if (entries == NULL)
        return FALSE;
    stay = sweep(neighbours->host, entries, wanted);
    g_hash_table_foreach_remove(neighbours->told, is_not_in, wanted);
    g_hash_table_iter_init(&iter, wanted);
    while (g_hash_table_iter_next(&iter, &ip, NULL))
        follow_address(neighbours, parent, ip, g_hash_table_lookup(stay, ip), troublep);
    return TRUE;
}

void host_neighbours_clear(Rtnl *host, guint32 parent)
{
    g_autoptr(GArray) entries = neighbour_list(host, parent, NULL);

    for (guint i = 0; entries != NULL && i < entries->len; i++) {
        const Neighbour *known = &g_array_index(entries, Neighbour, i);

        if (is_ours(known))
            unset_entry(host, known);
    }
}
