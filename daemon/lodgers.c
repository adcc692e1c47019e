/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "daemon/lodgers.h"

#include "daemon/host-path.h"
#include "daemon/learner.h"
#include "daemon/learning.h"
#include "daemon/log.h"

#include <net/if.h>

/* The kernel takes IFF_NOARP away from an ipvlan that comes up, and then asks in the guest's name
 * who has an address. */
static void keep_silent(const Service *service, const Link *link)
{
    const Device *device = service->keeper != NULL
                               ? registry_find(keeper_registry(service->keeper), link->ifindex)
                               : NULL;
    g_autoptr(GError) error = NULL;
    char alias[ALIAS_SIZE];

    if (device == NULL || device->ended || (link->flags & IFF_UP) == 0 ||
        (link->flags & IFF_NOARP) != 0)
        return;
    alias_format(&device->alias, alias);
    if (!link_settle(service->kernel.host, link->ifindex, alias, &error))
        log_debug("%s", error->message);
}

static void on_link(const Link *link, bool gone, void *data)
{
    if (place_of(link->ifindex) != PLACE_HOST)
        return;
    service_note_link(data, link, gone);
    if (!gone)
        keep_silent(data, link);
}

static void on_address(const Address *address, bool gone, void *data)
{
    if (gone && place_of(address->ifindex) == PLACE_HOST)
        learning_expired(data, address);
}

static void on_route(const Route *route, bool gone, void *data)
{
    const Service *service = data;
    const Home *home = &service->kernel.homes[PLACE_HOST];

    if (!gone && place_of(route->ifindex) == PLACE_HOST && service->keeper != NULL &&
        registry_find(keeper_registry(service->keeper), route->ifindex) != NULL &&
        home_refuses_route(home, route)) {
        home_forget_routes(home, route->ifindex);
        host_path_review(service->host_path);
    }
}

static void on_lost(void *data)
{
    service_refresh_later(data);
}

gboolean lodgers_watch(Service *service, GError **error)
{
    static const MonitorCallbacks callbacks = {on_link, on_address, on_route, on_lost};

    service->host_monitor = monitor_new(&callbacks, service, NULL, error);
    return service->host_monitor != NULL;
}

/* In the host's netns, and not to be deleted. Free with the array. */
static GPtrArray *list_lodgers(const Service *service)
{
    GPtrArray *devices = registry_list(keeper_registry(service->keeper));

    for (guint i = devices->len; i-- > 0;) {
        const Device *device = g_ptr_array_index(devices, i);

        if (place_of(device->ifindex) != PLACE_HOST || device->ended)
            g_ptr_array_remove_index(devices, i);
    }
    return devices;
}

void lodgers_restore(Service *service)
{
    g_autoptr(GPtrArray) lodgers = list_lodgers(service);

    for (guint i = 0; i < lodgers->len; i++)
        learner_hear(service->learner, g_ptr_array_index(lodgers, i));
    lodgers_refresh(service);
}

void lodgers_refresh(Service *service)
{
    g_autoptr(GPtrArray) lodgers = list_lodgers(service);

    for (guint i = 0; i < lodgers->len; i++) {
        const Device *device = g_ptr_array_index(lodgers, i);

        g_autoptr(Link) link = link_get(service->kernel.host, device->ifindex, NULL);

        home_forget_routes(&service->kernel.homes[PLACE_HOST], device->ifindex);
        if (link != NULL)
            keep_silent(service, link);
    }
}
