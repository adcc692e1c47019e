/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "daemon/reload.h"

#include "daemon/events.h"
#include "daemon/host-path.h"
#include "daemon/learner.h"
#include "daemon/learning.h"
#include "daemon/log.h"
#include "daemon/networks.h"

guint reload_review(Service *service)
{
    g_autoptr(GPtrArray) devices = registry_list(keeper_registry(service->keeper));
    guint forbidden = 0;

    for (guint i = 0; i < devices->len; i++) {
        const Device *device = g_ptr_array_index(devices, i);
        const ParentState *parent = parents_find(service->parents, device->parent);

        if (device->ended)
            continue;
        if (permits_judge(service->permits, service->policy, device,
                          parent != NULL ? parent->name : NULL))
            events_permitted(service, device);
        forbidden += !permits_has(service->permits, device->ifindex);
    }
    return forbidden;
}

static gboolean learns_static(const Policy *policy, const Device *device)
{
    const PolicyNetwork *network = policy_network_by_name(policy, device->alias.network);

    return network == NULL || network->learn_static;
}

/* What the learner is to look for; it forgets what it had begun to learn there. */
static void retell_learner(Service *service, const Device *device, const Policy *old)
{
    if (learns_static(old, device) == learns_static(service->policy, device))
        return;
    learner_send_unport(service->learner, device->ifindex);
    learner_send_device(service->learner, device);
}

static gboolean same_family(DeviceType a, DeviceType b)
{
    const guint ip = DEVICE_IPVTAP | DEVICE_IPVLAN;

    return !(a & ip) == !(b & ip);
}

/* The network that says which mode the parent has, for devices of that type. */
static const PolicyNetwork *ruler(const Policy *policy, const char *parent, DeviceType type)
{
    for (size_t i = 0; i < policy_n_networks(policy); i++) {
        const PolicyNetwork *network = policy_network(policy, i);

        if (g_str_equal(network->parent, parent) && same_family(network->type, type))
            return network;
    }
    return NULL;
}

static void announce_modes(const Service *service, const Policy *old)
{
    const GArray *parents = parents_list(service->parents);

    for (guint i = 0; i < parents->len; i++) {
        const ParentState *parent = &g_array_index(parents, ParentState, i);
        const PolicyNetwork *before = ruler(old, parent->name, DEVICE_IPVTAP);
        const PolicyNetwork *after = ruler(service->policy, parent->name, DEVICE_IPVTAP);

        if (before != NULL && after != NULL && before->mode != after->mode)
            log_warning("mode=%s (%s:%u) becomes true for all devices on %s with the next one that "
                        "is made there: the kernel has one mode for a parent",
                        after->mode == POLICY_MODE_PRIVATE ? "private" : "bridge",
                        after->place.file, after->place.line, parent->name);
    }
}

guint reload_policy(Service *service, Policy *policy)
{
    g_autoptr(Policy) old = service->policy;
    guint forbidden;

    service->policy = policy_ref(policy);
    service->policy_loaded = g_get_monotonic_time();
    parents_follow_policy(service->parents);
    networks_policy_changed(service, old);
    forbidden = reload_review(service);

    g_autoptr(GPtrArray) devices = registry_list(keeper_registry(service->keeper));
    for (guint i = 0; i < devices->len; i++) {
        const Device *device = g_ptr_array_index(devices, i);

        if (device->ended || device->type != DEVICE_IPVTAP)
            continue;
        learning_review(service, device);
        retell_learner(service, device, old);
    }
    announce_modes(service, old);
    host_path_review(service->host_path);
    log_notice("the policy is another now: %zu networks, %zu rules; %u devices are no longer "
               "permitted",
               policy_n_networks(policy), policy_n_rules(policy), forbidden);
    return forbidden;
}
