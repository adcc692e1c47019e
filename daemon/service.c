/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Puts the parts together, and carries what one part notices to those that it concerns.
 */
#include "daemon/service.h"

#include "daemon/events.h"
#include "daemon/host-path.h"
#include "daemon/learner.h"
#include "daemon/learning.h"
#include "daemon/lodgers.h"
#include "daemon/log.h"
#include "daemon/networks.h"
#include "daemon/parents.h"
#include "daemon/reload.h"
#include "daemon/same-mac.h"

#include <sys/utsname.h>

#define ROOM_REFRESH_MS 500 /* after messages were lost: the storm may go on */

static void on_made(const Device *device, gpointer data)
{
    Service *service = data;

    if (device->alias.place == PLACE_HOST)
        learner_hear(service->learner, device);
    learner_send_port(service->learner, device);
    events_device_made(service, device);
}

static void on_gone(const Device *device, const char *why, gpointer data)
{
    Service *service = data;

    learning_forget(service, device);
    same_mac_forget(service->same_mac, device->ifindex);
    nic_filter_forget(service->nic_filter, device->ifindex);
    translator_remove(service->translator, device->ifindex);
    learner_send_unport(service->learner, device->ifindex);
    learner_unhear(service->learner, device->ifindex);
    events_device_gone(service, device, why);
    permits_forget(service->permits, device->ifindex);
    parents_device_gone(service->parents, device->parent);
}

static void on_taken(const IpAddress *ip, gpointer data)
{
    learning_taken(data, ip);
}

static void on_host_link(const Link *link, gboolean gone, gpointer data)
{
    Service *service = data;

    parents_note(service->parents, link, gone);
    host_path_note_link(service->host_path, link);
}

static void on_host_addresses(guint32 ifindex, gpointer data)
{
    Service *service = data;
    const ParentState *parent =
        service->parents == NULL ? NULL : parents_find(service->parents, ifindex);

    if (parent == NULL)
        return;
    networks_parent_changed(service, parent);
    host_path_review(service->host_path);
}

/* A device's address is none of the host's. While the devices are not known yet, a number of theirs
 * is one. */
static gboolean on_is_guest(guint32 ifindex, gpointer data)
{
    const Service *service = data;

    return place_of(ifindex) == PLACE_HOST &&
           (service->keeper == NULL ||
            registry_find(keeper_registry(service->keeper), ifindex) != NULL);
}

static void on_host_lost(gpointer data)
{
    Service *service = data;

    parents_refresh(service->parents);
    host_path_review(service->host_path);
}

static void on_room_address(const Address *address, bool gone, void *data)
{
    if (gone)
        learning_expired(data, address);
}

/* A macvtap's MTU can be changed, by its parent's; that of an ipvtap is not told (parents.c). */
static void follow_link(Service *service, const Link *link)
{
    Device *device = registry_find(keeper_registry(service->keeper), link->ifindex);

    if (device == NULL)
        return;
    device->mtu = link->mtu;
    if (device->type == DEVICE_MACVTAP && link->hwaddr_size == HWADDR_SIZE)
        memcpy(device->hwaddr, link->hwaddr, HWADDR_SIZE); /* its holder may change it */
}

void service_note_link(Service *service, const Link *link, gboolean gone)
{
    if (service->keeper == NULL)
        return; /* all links will be listed */
    if (gone)
        keeper_lost(service->keeper, link->ifindex);
    else
        follow_link(service, link);
}

static void on_room_link(const Link *link, bool gone, void *data)
{
    service_note_link(data, link, gone);
}

/* Adds the links of devices in that place to the set. */
static gboolean look_at_links(Service *service, Place place, GHashTable *there, GError **error)
{
    g_autoptr(GPtrArray) links = link_list(service->kernel.homes[place].rtnl, error);

    for (guint i = 0; links != NULL && i < links->len; i++) {
        const Link *link = g_ptr_array_index(links, i);

        if (place_of(link->ifindex) != place)
            continue;
        g_hash_table_add(there, GUINT_TO_POINTER(link->ifindex));
        follow_link(service, link);
    }
    return links != NULL;
}

/* Which devices and addresses have gone meanwhile? */
static gboolean refresh_devices(Service *service, GError **error)
{
    g_autoptr(GPtrArray) devices = registry_list(keeper_registry(service->keeper));
    g_autoptr(GHashTable) there = g_hash_table_new(g_direct_hash, g_direct_equal);

    if (!look_at_links(service, PLACE_TAP_ROOM, there, error) ||
        !look_at_links(service, PLACE_HOST, there, error))
        return FALSE;
    for (guint i = 0; i < devices->len; i++) {
        guint32 ifindex = ((const Device *)g_ptr_array_index(devices, i))->ifindex;

        if (!g_hash_table_contains(there, GUINT_TO_POINTER(ifindex)))
            keeper_lost(service->keeper, ifindex);
    }
    lodgers_refresh(service);
    return learning_refresh(service, error);
}

static gboolean on_refresh_room(gpointer data)
{
    Service *service = data;
    g_autoptr(GError) error = NULL;

    if (!refresh_devices(service, &error)) {
        log_warning("%s; asking again", error->message);
        return G_SOURCE_CONTINUE;
    }
    service->room_source = 0;
    return G_SOURCE_REMOVE;
}

void service_refresh_later(Service *service)
{
    if (service->room_source != 0)
        return;
    log_warning("the kernel's messages about the taps came too fast: all is asked anew");
    service->room_source = g_timeout_add(ROOM_REFRESH_MS, on_refresh_room, service);
}

static void on_room_lost(void *data)
{
    service_refresh_later(data);
}

static gboolean open_in_tap_room(Service *service, GError **error)
{
    static const MonitorCallbacks callbacks = {
        .link = on_room_link, .address = on_room_address, .lost = on_room_lost};

    if (!rooms_enter_tap_netns(&service->kernel.rooms, error))
        return FALSE;
    service->room_monitor = monitor_new(&callbacks, service, NULL, error);
    rooms_leave_tap_netns(&service->kernel.rooms);
    return service->room_monitor != NULL;
}

/* Said once: what follows from it is in every reply. */
static void open_translator(Service *service)
{
    g_autoptr(GError) error = NULL;

    service->translator = translator_open(service->kernel.rooms.tap_netns, &error);
    if (service->translator == NULL)
        log_warning("%s: every guest has to use its parent's MAC, which the reply tells "
                    "(ONTAP_HWADDR), and nothing guards what it sends",
                    error->message);
    if (error != NULL)
        service->no_translator = g_strdup(error->message);
}

static void note_guest_mac(Service *service, const Device *device)
{
    guint8 mac[HWADDR_SIZE];

    if (device->ended || !device->alias.translate ||
        !translator_guest_mac(service->translator, device->ifindex, mac))
        return;
    nic_filter_follow(service->nic_filter, device, mac);
    same_mac_note(service->same_mac, device, mac);
}

static void on_learned(guint32 ifindex, gpointer data)
{
    Service *service = data;
    const Device *device = registry_find(keeper_registry(service->keeper), ifindex);

    if (device != NULL)
        note_guest_mac(service, device);
}

static bool is_alive(guint32 ifindex, void *data)
{
    const Service *service = data;

    return registry_find(keeper_registry(service->keeper), ifindex) != NULL;
}

/* Programs of another build are exchanged for ours; what they have learned stays. */
static void restore_translation(Service *service)
{
    g_autoptr(GPtrArray) devices = registry_list(keeper_registry(service->keeper));

    for (guint i = 0; i < devices->len; i++) {
        const Device *device = g_ptr_array_index(devices, i);
        g_autoptr(GError) error = NULL;
        Rtnl *rtnl = kernel_home(&service->kernel, device->ifindex)->rtnl;

        if (!translator_add(service->translator, rtnl, device, &error))
            log_error("%s: %s", device->ifname, error->message);
    }
    nic_filter_restore(service->nic_filter, is_alive, service);
    translator_sweep(service->translator, is_alive, service);
    for (guint i = 0; i < devices->len; i++)
        note_guest_mac(service, g_ptr_array_index(devices, i));
}

static char *read_release(void)
{
    struct utsname name;

    return g_strdup(uname(&name) == 0 ? name.release : "unknown");
}

gboolean service_open(Service *service, const ServicePlan *plan, Policy *policy, GError **error)
{
    static const FactsCallbacks callbacks = {on_taken, on_host_link, on_host_addresses,
                                             on_host_lost, on_is_guest};

    *service = (Service){.policy = policy_ref(policy), .kernel = KERNEL_INIT};
    service->started = service->policy_loaded = g_get_monotonic_time();
    service->release = read_release();
    if (!g_file_get_contents("/etc/machine-id", &service->machine, NULL, NULL))
        service->machine = g_strdup("");
    if (!kernel_open(&service->kernel, plan->netns, plan->run_dir, error))
        return FALSE;
    service->watchers = watchers_new();
    service->turns = turns_new();
    service->inflight = inflight_new();
    service->permits = permits_new();
    service->bound = bound_table_new(&service->kernel);
    open_translator(service);
    service->nic_filter = nic_filter_new(&service->kernel, service->translator);
    service->same_mac = same_mac_new(service);
    if (!translator_watch(service->translator, on_learned, service, error))
        return FALSE;
    service->facts = facts_new(service->kernel.host, &callbacks, service, error);
    if (service->facts == NULL || !lodgers_watch(service, error) ||
        !open_in_tap_room(service, error))
        return FALSE;
    service->learner = learner_new(service, plan, error);
    return service->learner != NULL;
}

gboolean service_start(Service *service, GError **error)
{
    static const KeeperCallbacks callbacks = {on_made, on_gone};

    service->keeper = keeper_new(&service->kernel, &callbacks, service, error);
    if (service->keeper == NULL)
        return FALSE;
    restore_translation(service);
    lodgers_restore(service);
    if (!learning_restore(service, error))
        return FALSE;
    service->parents = parents_new(service, error);
    if (service->parents == NULL)
        return FALSE;
    reload_review(service);
    service->host_path = host_path_new(service);
    return TRUE;
}

void service_fail(Service *service, GError *error)
{
    if (service->failure != NULL)
        g_error_free(error);
    else
        service->failure = error;
    g_main_loop_quit(service->loop);
}

void service_close(Service *service)
{
    if (service->room_source != 0)
        g_source_remove(service->room_source);
    g_clear_pointer(&service->host_path, host_path_free);
    g_clear_pointer(&service->parents, parents_free);
    g_clear_pointer(&service->keeper, keeper_free);
    g_clear_pointer(&service->learner, learner_free);
    g_clear_pointer(&service->host_monitor, monitor_free);
    g_clear_pointer(&service->room_monitor, monitor_free);
    g_clear_pointer(&service->facts, facts_free);
    g_clear_pointer(&service->bound, bound_table_free);
    g_clear_pointer(&service->same_mac, same_mac_free);
    g_clear_pointer(&service->nic_filter, nic_filter_free);
    g_clear_pointer(&service->translator, translator_free);
    g_clear_pointer(&service->no_translator, g_free);
    g_clear_error(&service->failure);
    g_clear_pointer(&service->permits, permits_free);
    g_clear_pointer(&service->inflight, inflight_free);
    g_clear_pointer(&service->turns, turns_free);
    g_clear_pointer(&service->watchers, watchers_free);
    kernel_close(&service->kernel);
    g_clear_pointer(&service->machine, g_free);
    g_clear_pointer(&service->release, g_free);
    g_clear_pointer(&service->policy, policy_unref);
}
