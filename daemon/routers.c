/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "daemon/routers.h"

#include "daemon/ip-set.h"

typedef struct {
    IpAddress ip; /* first: an entry is its own key */
    gboolean present;
    gint64 since;  /* when it came, the last time */
    gint64 seen;   /* when it was last seen; of use when it is no longer present */
    gint64 stayed; /* for how long it was there in the times before */
} Router;

struct Routers {
    GHashTable *by_ip; /* Router -> itself, owned */
    guint n_present;
};

Routers *routers_new(void)
{
    Routers *routers = g_new0(Routers, 1);

    routers->by_ip = g_hash_table_new_full(ip_hash, ip_hash_equal, g_free, NULL);
    return routers;
}

void routers_free(Routers *routers)
{
    g_hash_table_unref(routers->by_ip);
    g_free(routers);
}

static Router *find(const Routers *routers, const IpAddress *ip)
{
    return g_hash_table_lookup(routers->by_ip, ip);
}

static gboolean is_forgotten(const Router *router, gint64 now)
{
    return !router->present && now - router->seen >= MIN(router->stayed, ROUTERS_MEMORY);
}

void routers_add(Routers *routers, const IpAddress *ip, gint64 now)
{
    Router *router = find(routers, ip);
    gboolean room = routers->n_present < ROUTERS_MAX;

    if (router == NULL) {
        if (!room)
            return;
        router = g_new(Router, 1);
        *router = (Router){.ip = *ip, .since = now};
        g_hash_table_add(routers->by_ip, router);
    }
    if (is_forgotten(router, now))
        router->stayed = 0;
    router->seen = now;
    if (!router->present && room) {
        router->present = TRUE;
        router->since = now;
        routers->n_present++;
    }
}

/* Makes room among those that have gone. */
static void forget_briefest(Routers *routers)
{
    Router *briefest = NULL;
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, routers->by_ip);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        Router *router = value;

        if (!router->present && (briefest == NULL || router->stayed < briefest->stayed))
            briefest = router;
    }
    g_hash_table_remove(routers->by_ip, briefest);
}

static gboolean drop_forgotten(gpointer key, G_GNUC_UNUSED gpointer value, gpointer data)
{
    return is_forgotten(key, *(const gint64 *)data);
}

void routers_replace(Routers *routers, GHashTable *present, gint64 now)
{
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, routers->by_ip);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        Router *router = value;

        if (!router->present)
            continue;
        router->seen = now;
        router->present = g_hash_table_contains(present, &router->ip);
        if (!router->present) {
            router->stayed += now - router->since;
            routers->n_present--;
        }
    }
    g_hash_table_iter_init(&iter, present);
    while (g_hash_table_iter_next(&iter, &value, NULL))
        routers_add(routers, value, now);
    g_hash_table_foreach_remove(routers->by_ip, drop_forgotten, &now);
    while (g_hash_table_size(routers->by_ip) - routers->n_present > ROUTERS_MAX)
        forget_briefest(routers);
}

void routers_trust(Routers *routers)
{
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, routers->by_ip);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        ((Router *)value)->stayed = ROUTERS_MEMORY;
}

gboolean routers_has(const Routers *routers, const IpAddress *ip, gint64 now)
{
    const Router *router = find(routers, ip);

    return router != NULL && !is_forgotten(router, now);
}

GPtrArray *routers_present(const Routers *routers)
{
    GPtrArray *present = g_ptr_array_new();
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, routers->by_ip);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        if (((const Router *)value)->present)
            g_ptr_array_add(present, value);
    return present;
}
