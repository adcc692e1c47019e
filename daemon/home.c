/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "daemon/home.h"

#include "daemon/inject.h"
#include "daemon/log.h"

#include <errno.h>
#include <unistd.h>

gboolean home_open(Home *home, Rtnl *rtnl, gboolean shared, GError **error)
{
    *home = (Home){.rtnl = rtnl, .inject = -1, .shared = shared};
    home->reclaim = rtnl_new(error);
    if (home->reclaim != NULL)
        home->uevents = uevents_new(error);
    if (home->uevents != NULL)
        home->inject = inject_open(error);
    return home->inject >= 0;
}

void home_close(Home *home)
{
    g_clear_pointer(&home->reclaim, rtnl_free);
    g_clear_pointer(&home->uevents, uevents_free);
    if (home->inject >= 0)
        close(home->inject);
    *home = (Home){.inject = -1};
}

static void forget_route(const Home *home, const Route *route)
{
    g_autoptr(GError) error = NULL;

    if (!route_delete(home->rtnl, route, &error) && !g_error_matches(error, RTNL_ERROR, ESRCH) &&
        !g_error_matches(error, RTNL_ERROR, ENODEV))
        log_warning("%s", error->message);
}

gboolean home_set_address(const Home *home, Address *address, GError **error)
{
    if (home->shared) {
        address->preferred_s = 0;
        address->flags |= IFA_F_NOPREFIXROUTE;
        if (address->ip.family == AF_INET)
            address->scope = RT_SCOPE_HOST;
    }
    if (!address_add(home->rtnl, address, ADDRESS_REPLACE, error))
        return FALSE;
    if (home->shared) {
        Route local = route_to_host(&address->ip, address->ifindex, NULL);

        local.table = RT_TABLE_LOCAL;
        forget_route(home, &local);
    }
    return TRUE;
}

gboolean home_refuses_route(const Home *home, const Route *route)
{
    return home->shared && route->table == RT_TABLE_LOCAL;
}

void home_forget_routes(const Home *home, guint32 ifindex)
{
    static const guint8 families[] = {AF_INET, AF_INET6};

    for (gsize i = 0; i < G_N_ELEMENTS(families); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GArray) routes =
            route_list(home->rtnl, families[i], RT_TABLE_LOCAL, ifindex, &error);

        if (routes == NULL)
            log_debug("%s", error->message);
        for (guint at = 0; routes != NULL && at < routes->len; at++) {
            const Route *route = &g_array_index(routes, Route, at);

            if (home_refuses_route(home, route))
                forget_route(home, route);
        }
    }
}
