/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Root's request for a device in the host's netns. No rule of the policy is asked, since root may
 * make links without us; but the network must be there, and what it says holds: its parent, its
 * guard, how many devices it may have.
 *
 * It may be asked for again, as libvirt's hook does when a start of the guest has failed half-way:
 * then the device is there, and the answer says so.
 */
#include "daemon/serve-private.h"

#include "daemon/host-device.h"
#include "daemon/learner.h"
#include "daemon/leftovers.h"
#include "daemon/log.h"
#include "daemon/parent.h"
#include "daemon/refusal.h"

#include <string.h>

/* Names that libvirt takes for its own to give and to delete, and that we do; and what the host's
 * settings for all interfaces are called. */
static gboolean is_reserved(const char *name)
{
    return g_str_has_prefix(name, "vnet") || g_str_has_prefix(name, "macvtap") ||
           g_str_has_prefix(name, "ontaph") ||
           (g_str_has_prefix(name, "ontap") && g_ascii_isdigit(name[strlen("ontap")])) ||
           g_str_equal(name, "all") || g_str_equal(name, "default");
}

static gboolean check_name(const Service *service, const char *name, GError **error)
{
    if (is_reserved(name)) {
        refuse(error, REPLY_DENIED,
               "%s cannot be the name of a device: vnet…, macvtap… and ontap followed by a digit "
               "are given by libvirt and ontapd, all and default by the kernel",
               name);
        return FALSE;
    }
    for (size_t i = 0; i < policy_n_networks(service->policy); i++) {
        const PolicyNetwork *network = policy_network(service->policy, i);

        if (g_str_equal(network->parent, name)) {
            refuse(error, REPLY_DENIED, "%s is the parent of network %s (%s:%u)", name,
                   network->name, network->place.file, network->place.line);
            return FALSE;
        }
    }
    return TRUE;
}

/* One of the host's that has been released is gone as soon as its link is: nobody can hold it. */
static guint count_held(const Service *service, const PolicyNetwork *network)
{
    g_autoptr(GPtrArray) devices = registry_list(keeper_registry(service->keeper));
    guint held = registry_count_network(keeper_registry(service->keeper), network->name);

    for (guint i = 0; i < devices->len; i++) {
        const Device *device = g_ptr_array_index(devices, i);

        if (device->ended && device->alias.place == PLACE_HOST &&
            g_str_equal(device->alias.network, network->name))
            held--;
    }
    return held;
}

static gboolean check_network(const Service *service, const PolicyNetwork *network, GError **error)
{
    const PolicyPlace *place = &network->place;
    guint held = count_held(service, network);

    if ((network->types & DEVICE_IPVTAP) == 0) {
        refuse(error, REPLY_UNSUPPORTED, "network %s has no ipvtap devices (%s:%u)", network->name,
               place->file, place->line);
        return FALSE;
    }
    if (held >= network->devices) {
        refuse(error, REPLY_DENIED, "network %s may have %u devices, and has %u (%s:%u)",
               network->name, network->devices, held, place->file, place->line);
        return FALSE;
    }
    return TRUE;
}

static gboolean check_daemon(const Service *service, GError **error)
{
    if (service->translator == NULL)
        refuse(error, REPLY_UNSUPPORTED,
               "without eBPF nothing would keep the host from answering for the guest: %s",
               service->no_translator);
    else if (service->kernel.dev < 0)
        refuse(error, REPLY_UNSUPPORTED,
               "ontapd could not look at /dev when it started; its log says why");
    else if (!learner_has_ear(service->learner))
        refuse(error, REPLY_LIMIT,
               "there are %d devices in the host's network namespace, and no more can be listened "
               "to",
               LEARNER_TAPS);
    else
        return TRUE;
    return FALSE;
}

/* The device of that name when it is there, on that network. FALSE: something is in the way.
 * One that is being deleted is gone when this returns. */
static gboolean find_present(const Service *service, const PolicyNetwork *network,
                             const Request *request, Device **devicep, GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(Link) link = link_get_by_name(service->kernel.host, request->ifname, &failure);

    *devicep = NULL;
    if (link == NULL && g_error_matches(failure, RTNL_ERROR, ENODEV))
        return TRUE;
    if (link == NULL) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    Device *device = registry_find(keeper_registry(service->keeper), link->ifindex);
    if (device == NULL || !g_str_equal(device->ifname, request->ifname)) {
        refuse(error, REPLY_BUSY, "there is an interface %s already, and it is not ontapd's",
               request->ifname);
        return FALSE;
    }
    if (device->ended)
        return device_delete_link(&service->kernel, device, error);
    if (!g_str_equal(device->alias.network, network->name)) {
        refuse(error, REPLY_BUSY, "there is a device %s already, on network %s; release it first",
               request->ifname, device->alias.network);
        return FALSE;
    }
    *devicep = device;
    return TRUE;
}

/* How many queues there are is only what we were told: whoever opens them decides it. */
static gboolean note_queues(const Service *service, Device *device, guint queues, GError **error)
{
    Alias alias = device->alias;
    char text[ALIAS_SIZE];

    alias.queues = queues;
    alias_format(&alias, text);
    if (!link_settle(service->kernel.host, device->ifindex, text, error))
        return FALSE;
    device->alias = alias;
    return TRUE;
}

/* What a rule would give root, if there is one. */
static guint addresses_limit(const Service *service, const Credentials *credentials,
                             const PolicyNetwork *network)
{
    const PolicySubject subject = serve_subject(credentials);
    PolicyDecision decision;

    policy_decide(service->policy, &subject, network, DEVICE_IPVTAP, &decision);
    return decision.allowed ? decision.limits.addresses : POLICY_ADDRESSES_DEFAULT;
}

static Device *make(Service *service, const Credentials *credentials, const PolicyNetwork *network,
                    const Request *request, GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(Link) parent = parent_find(service->kernel.host, network, error);

    if (parent == NULL)
        return NULL;
    DeviceSpec spec = {
        .type = DEVICE_IPVTAP,
        .mode = network->mode == POLICY_MODE_PRIVATE ? LINK_MODE_PRIVATE : LINK_MODE_BRIDGE,
        .parent = parent->ifindex,
        .mtu = parent->mtu,
        .alias = {.owner = credentials->uid,
                  .queues = request->queues,
                  .addresses = addresses_limit(service, credentials, network),
                  .translate = network->mac == POLICY_MAC_TRANSLATE,
                  .guard = network->guard,
                  .place = PLACE_HOST,
                  .made = leftovers_now()},
    };
    g_strlcpy(spec.alias.network, network->name, sizeof(spec.alias.network));
    g_strlcpy(spec.alias.name, request->ifname, sizeof(spec.alias.name));
    Device *device = host_device_make(&service->kernel, service->translator, &spec, &failure);
    if (device == NULL) {
        parent_explain(service->kernel.host, network, parent, spec.type, failure, error);
        return NULL;
    }
    keeper_add(service->keeper, device);
    return device;
}

gboolean serve_create(Service *service, const Credentials *credentials, const Request *request,
                      Answer *answer, GError **error)
{
    if (!serve_check_root(credentials, "create devices in the host's network namespace", error))
        return FALSE;

    const PolicyNetwork *network =
        serve_find_network(service, credentials, request->network, error);
    Device *device;
    if (network == NULL || !check_name(service, request->ifname, error) ||
        !find_present(service, network, request, &device, error))
        return FALSE;
    gboolean is_new = device == NULL;
    if (is_new && registry_find_name(keeper_registry(service->keeper), credentials->uid,
                                     network->name, request->ifname) != NULL) {
        refuse(error, REPLY_BUSY, "root has a device called %s on %s already; release it first",
               request->ifname, network->name);
        return FALSE;
    }
    if (is_new) {
        if (!check_network(service, network, error) || !check_daemon(service, error))
            return FALSE;
        device = make(service, credentials, network, request, error);
        if (device == NULL)
            return FALSE;
        const LogAbout about = {credentials->uid, network->name, device->alias.name,
                                device->ifname};
        log_entry(G_LOG_LEVEL_MESSAGE, &about,
                  "%s in the host's network namespace, on %s, %u queues (process %d)",
                  device->ifname, network->name, device->alias.queues, credentials->pid);
    } else if (!note_queues(service, device, request->queues, error)) {
        return FALSE;
    }
    serve_write_device(service, device, answer->text);
    /* As the last key of the line. */
    g_string_truncate(answer->text, answer->text->len - 1);
    g_string_append_printf(answer->text, " new=%s\n", is_new ? "yes" : "no");
    return TRUE;
}

Device *serve_find_on_host(const Service *service, const char *name)
{
    g_autoptr(GPtrArray) devices = registry_list(keeper_registry(service->keeper));

    for (guint i = 0; i < devices->len; i++) {
        Device *device = g_ptr_array_index(devices, i);

        if (!device->ended && device->alias.place == PLACE_HOST &&
            g_str_equal(device->alias.name, name))
            return device;
    }
    return NULL;
}
