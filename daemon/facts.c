/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * What appears is believed at once, from the event. What disappears may still be there in another
 * way (the address on a second link, the gateway of a second route), so after a while everything is
 * read anew; until then too much is refused, never too little.
 */
#include "daemon/facts.h"

#include "daemon/log.h"
#include "daemon/ip-set.h"
#include "daemon/routers.h"

#include <string.h>

#define REFRESH_SECONDS 2

typedef struct {
    guint32 ifindex;
    IpAddress ip;
} LinkAddress;

struct Facts {
    Rtnl *host;
    Monitor *monitor;
    GHashTable *own; /* set of IpAddress */
    Routers *routers;
    GArray *links; /* of LinkAddress: whose they are, for show */
    gboolean lost; /* messages, since the last refresh */
    guint refresh_source;
    FactsCallbacks callbacks;
    gpointer data;
};

static void add(GHashTable *set, const IpAddress *ip)
{
    g_hash_table_add(set, g_memdup2(ip, sizeof(*ip)));
}

/* Adds the first and the last address of an IPv4 prefix, where they are not hosts' (RFC 919). */
static void add_ends(GHashTable *set, const Address *address)
{
    guint8 bits = address->prefix_length;
    IpAddress end = address->ip;
    guint32 value, mask;

    if (end.family != AF_INET || bits == 0 || bits > 30)
        return;
    memcpy(&value, end.bytes, sizeof(value));
    mask = htonl(0xffffffffu << (32 - bits));
    value &= mask;
    memcpy(end.bytes, &value, sizeof(value));
    add(set, &end);
    value |= ~mask;
    memcpy(end.bytes, &value, sizeof(value));
    add(set, &end);
}

static void add_own(GHashTable *set, const Address *address)
{
    add(set, &address->ip);
    add_ends(set, address);
}

static gboolean is_router(const Route *route)
{
    return route->gateway.family != AF_UNSPEC &&
           (route->table == RT_TABLE_MAIN || route->prefix_length == 0);
}

static gboolean read_routers(Facts *facts, guint8 family, GHashTable *routers, GError **error)
{
    g_autoptr(GArray) routes = route_list(facts->host, family, RT_TABLE_MAIN, 0, error);

    for (guint i = 0; routes != NULL && i < routes->len; i++) {
        const Route *route = &g_array_index(routes, Route, i);
        if (is_router(route))
            add(routers, &route->gateway);
    }
    return routes != NULL;
}

static void forget_link_address(Facts *facts, const Address *address)
{
    for (guint i = facts->links->len; i-- > 0;) {
        const LinkAddress *known = &g_array_index(facts->links, LinkAddress, i);

        if (known->ifindex == address->ifindex && ip_equal(&known->ip, &address->ip))
            g_array_remove_index(facts->links, i);
    }
}

static void add_link_address(GArray *links, const Address *address)
{
    const LinkAddress known = {address->ifindex, address->ip};

    g_array_append_val(links, known);
}

static gboolean refresh(Facts *facts, GError **error)
{
    g_autoptr(GArray) links = g_array_new(FALSE, FALSE, sizeof(LinkAddress));
    g_autoptr(GHashTable) own = ip_set_new();
    g_autoptr(GHashTable) routers = ip_set_new();
    g_autoptr(GArray) addresses = address_list(facts->host, 0, error);

    for (guint i = 0; addresses != NULL && i < addresses->len; i++) {
        const Address *address = &g_array_index(addresses, Address, i);

        if (facts->callbacks.is_guest(address->ifindex, facts->data))
            continue;
        add_own(own, address);
        add_link_address(links, address);
    }
    if (addresses == NULL || !read_routers(facts, AF_INET, routers, error) ||
        !read_routers(facts, AF_INET6, routers, error))
        return FALSE;

    g_array_unref(facts->links);
    facts->links = g_steal_pointer(&links);
    g_hash_table_unref(facts->own);
    facts->own = g_steal_pointer(&own);
    routers_replace(facts->routers, routers, g_get_monotonic_time());
    return TRUE;
}

static void announce_routers(Facts *facts)
{
    g_autoptr(GPtrArray) routers = routers_present(facts->routers);

    for (guint i = 0; i < routers->len; i++)
        facts->callbacks.taken(g_ptr_array_index(routers, i), facts->data);
}

static void announce(Facts *facts, GHashTable *set)
{
    g_autoptr(GList) keys = g_hash_table_get_keys(set);

    for (const GList *key = keys; key != NULL; key = key->next)
        facts->callbacks.taken(key->data, facts->data);
}

static gboolean on_refresh(gpointer data)
{
    Facts *facts = data;
    g_autoptr(GError) error = NULL;

    if (!refresh(facts, &error)) {
        log_warning("%s; trying again", error->message);
        return G_SOURCE_CONTINUE;
    }
    /* What an overflow hid: guests that hold such an address. */
    announce(facts, facts->own);
    announce_routers(facts);
    facts->refresh_source = 0;
    if (facts->lost) {
        facts->lost = FALSE;
        facts->callbacks.lost(facts->data);
    }
    return G_SOURCE_REMOVE;
}

static void refresh_later(Facts *facts)
{
    if (facts->refresh_source == 0)
        facts->refresh_source = g_timeout_add_seconds(REFRESH_SECONDS, on_refresh, facts);
}

static void on_address(const Address *address, bool gone, void *data)
{
    Facts *facts = data;

    if (facts->callbacks.is_guest(address->ifindex, facts->data))
        return;
    forget_link_address(facts, address);
    if (!gone)
        add_link_address(facts->links, address);
    facts->callbacks.addresses(address->ifindex, facts->data);
    if (gone) {
        refresh_later(facts);
        return;
    }
    g_autoptr(GHashTable) taken = ip_set_new();
    add_own(taken, address);
    add_own(facts->own, address);
    announce(facts, taken);
}

static void on_route(const Route *route, bool gone, void *data)
{
    Facts *facts = data;

    if (!is_router(route))
        return;
    if (gone) {
        refresh_later(facts);
        return;
    }
    routers_add(facts->routers, &route->gateway, g_get_monotonic_time());
    facts->callbacks.taken(&route->gateway, facts->data);
}

static void on_link(const Link *link, bool gone, void *data)
{
    Facts *facts = data;

    facts->callbacks.link(link, gone, facts->data);
}

static void on_lost(void *data)
{
    Facts *facts = data;

    if (!facts->lost)
        log_warning("the kernel's messages about the host came too fast: all is asked anew");
    facts->lost = TRUE;
    refresh_later(facts);
}

Facts *facts_new(Rtnl *host, const FactsCallbacks *callbacks, gpointer data, GError **error)
{
    static const MonitorCallbacks monitor = {on_link, on_address, on_route, on_lost};
    g_autoptr(Facts) facts = g_new0(Facts, 1);

    facts->host = host;
    facts->callbacks = *callbacks;
    facts->data = data;
    facts->own = ip_set_new();
    facts->routers = routers_new();
    facts->links = g_array_new(FALSE, FALSE, sizeof(LinkAddress));
    facts->monitor = monitor_new(&monitor, facts, NULL, error);
    if (facts->monitor == NULL || !refresh(facts, error))
        return NULL;
    routers_trust(facts->routers);
    return g_steal_pointer(&facts);
}

void facts_free(Facts *facts)
{
    if (facts->refresh_source != 0)
        g_source_remove(facts->refresh_source);
    g_clear_pointer(&facts->monitor, monitor_free);
    g_clear_pointer(&facts->own, g_hash_table_unref);
    g_clear_pointer(&facts->routers, routers_free);
    g_clear_pointer(&facts->links, g_array_unref);
    g_free(facts);
}

gboolean facts_is_own(const Facts *facts, const IpAddress *ip)
{
    return g_hash_table_contains(facts->own, ip);
}

GArray *facts_addresses(const Facts *facts, guint32 ifindex, guint max)
{
    GArray *addresses = g_array_new(FALSE, FALSE, sizeof(IpAddress));

    for (guint i = 0; i < facts->links->len && addresses->len < max; i++) {
        const LinkAddress *known = &g_array_index(facts->links, LinkAddress, i);

        if (known->ifindex == ifindex)
            g_array_append_val(addresses, known->ip);
    }
    return addresses;
}

gboolean facts_is_router(const Facts *facts, const IpAddress *ip)
{
    return routers_has(facts->routers, ip, g_get_monotonic_time());
}
