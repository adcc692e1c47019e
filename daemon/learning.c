/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "daemon/learning.h"

#include "daemon/claim.h"
#include "daemon/events.h"
#include "daemon/host-path.h"
#include "daemon/inject.h"
#include "daemon/learner.h"
#include "daemon/log.h"

#include <errno.h>

/* More than this is not believed of anybody but a DHCP server that says "for ever". */
#define LIFETIME_MIN 1

static Device *device_of(const Service *service, guint32 ifindex)
{
    return registry_find(keeper_registry(service->keeper), ifindex);
}

static ClaimReason judge(const Service *service, Device *device, const Proposal *proposal)
{
    const PolicyNetwork *network = policy_network_by_name(service->policy, device->alias.network);
    const Bound *bound = bound_find(service->bound, device->parent, &proposal->address);

    /* What the device has is extended as often as its server likes. */
    if ((bound == NULL || bound->ifindex != device->ifindex) &&
        !tally_take(&device->tally, g_get_monotonic_time()))
        return CLAIM_RATE;
    if (network != NULL && !network->learn_static && proposal->source == SOURCE_ARP)
        return CLAIM_EXCEPT;
    return claim_judge(network, service->facts, service->bound, device, &proposal->address);
}

static ClaimReason set(Service *service, Device *device, const Proposal *proposal)
{
    g_autoptr(GError) error = NULL;
    guint32 valid_s = MAX(proposal->lifetime, LIFETIME_MIN);
    gboolean known = bound_find(service->bound, device->parent, &proposal->address) != NULL;

    /* The guard first: from the moment that the kernel delivers to the guest, it may answer. */
    if (!translator_set(service->translator, device->ifindex, &proposal->address, valid_s,
                        &error)) {
        log_warning("%s", error->message);
        return CLAIM_KERNEL;
    }
    if (bound_set(service->bound, device->parent, device->ifindex, &proposal->address,
                  proposal->source, valid_s, &error))
        return CLAIM_FINE;
    if (!known)
        translator_unset(service->translator, device->ifindex, &proposal->address);
    if (g_error_matches(error, RTNL_ERROR, EADDRINUSE))
        return CLAIM_SIBLING;
    log_warning("%s", error->message);
    return CLAIM_KERNEL;
}

static void unbind_address(Service *service, const Device *device, const IpAddress *ip,
                           const char *why)
{
    g_autoptr(GError) error = NULL;

    if (!bound_unset(service->bound, device->parent, ip, &error)) {
        log_warning("%s", error->message);
        return;
    }
    translator_unset(service->translator, device->ifindex, ip);
    events_unbound(service, device, ip, why);
    host_path_review(service->host_path);
    learner_send_verdict(service->learner, device->ifindex, ip, VERDICT_REMOVED, SOURCE_ARP, 0);
}

/* Whether a guest that has such an address must lose it. The others only say that it gets no more.
 */
static gboolean is_forbidden(ClaimReason reason)
{
    return reason == CLAIM_UNFIT || reason == CLAIM_HOST || reason == CLAIM_ROUTER ||
           reason == CLAIM_EXCEPT || reason == CLAIM_EUI64;
}

static void refuse_claim(Service *service, Device *device, const Proposal *proposal,
                         ClaimReason reason)
{
    const Bound *bound = bound_find(service->bound, device->parent, &proposal->address);

    events_refused(service, device, &proposal->address, reason);
    if (bound != NULL && bound->ifindex == device->ifindex && is_forbidden(reason))
        unbind_address(service, device, &proposal->address, claim_reason_text(reason));
    learner_send_verdict(service->learner, device->ifindex, &proposal->address, VERDICT_REFUSED,
                         proposal->source, 0);
}

static void bind_address(Service *service, Device *device, const Proposal *proposal)
{
    gboolean known = bound_find(service->bound, device->parent, &proposal->address) != NULL;
    ClaimReason reason = judge(service, device, proposal);

    if (!known)
        events_claim(service, device, &proposal->address, proposal->source);
    if (reason == CLAIM_FINE)
        reason = set(service, device, proposal);
    if (reason != CLAIM_FINE) {
        refuse_claim(service, device, proposal, reason);
        return;
    }
    const Bound *bound = bound_find(service->bound, device->parent, &proposal->address);
    if (!known) {
        events_bound(service, device, bound);
        host_path_review(service->host_path);
    }
    learner_send_verdict(service->learner, device->ifindex, &proposal->address, VERDICT_ACCEPTED,
                         bound->source, bound_left(bound));
}

static void send_frame(Service *service, const Device *device, const Proposal *proposal)
{
    g_autoptr(GError) error = NULL;

    int inject = kernel_home(&service->kernel, device->ifindex)->inject;

    if (!inject_send(inject, device->ifindex, device->hwaddr, &proposal->address, proposal->frame,
                     proposal->frame_size, &error))
        log_debug("%s: %s", device->ifname, error->message);
}

void learning_propose(Service *service, const Proposal *proposal)
{
    Device *device = device_of(service, proposal->port);

    /* The device has gone, and the learner does not know yet; or it needs no addresses. */
    if (device == NULL || device->ended || device->type != DEVICE_IPVTAP)
        return;

    const Bound *bound = bound_find(service->bound, device->parent, &proposal->address);
    gboolean has_it = bound != NULL && bound->ifindex == device->ifindex;
    switch (proposal->kind) {
    case PROPOSAL_BIND:
        bind_address(service, device, proposal);
        return;
    case PROPOSAL_EXTEND:
        if (has_it)
            bind_address(service, device, proposal);
        else
            learner_send_verdict(service->learner, device->ifindex, &proposal->address,
                                 VERDICT_REMOVED, proposal->source, 0);
        return;
    case PROPOSAL_UNBIND:
        if (has_it)
            unbind_address(service, device, &proposal->address,
                           unbind_reason_text(proposal->reason));
        return;
    case PROPOSAL_REPLAY:
    case PROPOSAL_PROBE:
        if (has_it)
            send_frame(service, device, proposal);
        return;
    }
}

void learning_taken(Service *service, const IpAddress *ip)
{
    g_autoptr(GPtrArray) devices = registry_list(keeper_registry(service->keeper));

    for (guint i = 0; i < devices->len; i++) {
        const Device *device = g_ptr_array_index(devices, i);
        const Bound *bound = bound_find(service->bound, device->parent, ip);

        if (bound == NULL || bound->ifindex != device->ifindex)
            continue;
        log_warning("%s loses an address that the host or a router has now", device->ifname);
        unbind_address(service, device, ip, "host");
    }
}

void learning_expired(Service *service, const Address *address)
{
    const Device *device = device_of(service, address->ifindex);

    if (device == NULL || !bound_expire(service->bound, device->parent, address))
        return;
    translator_unset(service->translator, device->ifindex, &address->ip);
    events_unbound(service, device, &address->ip, "expired");
    host_path_review(service->host_path);
    learner_send_verdict(service->learner, device->ifindex, &address->ip, VERDICT_EXPIRED,
                         SOURCE_ARP, 0);
}

void learning_review(Service *service, const Device *device)
{
    const PolicyNetwork *network = policy_network_by_name(service->policy, device->alias.network);
    g_autoptr(GPtrArray) bounds = bound_list(service->bound, device->ifindex);

    for (guint i = 0; i < bounds->len; i++) {
        const IpAddress ip = ((const Bound *)g_ptr_array_index(bounds, i))->ip;
        ClaimReason reason = claim_judge(network, service->facts, service->bound, device, &ip);

        if (is_forbidden(reason))
            unbind_address(service, device, &ip, claim_reason_text(reason));
    }
}

static gboolean is_among(const GArray *addresses, const Bound *bound)
{
    for (guint i = 0; i < addresses->len; i++) {
        const Address *address = &g_array_index(addresses, Address, i);

        if (address->ifindex == bound->ifindex && ip_equal(&address->ip, &bound->ip))
            return TRUE;
    }
    return FALSE;
}

static gboolean refresh_device(Service *service, const Device *device, GError **error)
{
    g_autoptr(GPtrArray) bounds = bound_list(service->bound, device->ifindex);
    g_autoptr(GArray) addresses =
        bounds->len == 0 ? NULL
                         : address_list(kernel_home(&service->kernel, device->ifindex)->rtnl,
                                        device->ifindex, error);

    if (bounds->len > 0 && addresses == NULL)
        return FALSE;
    for (guint i = 0; i < bounds->len; i++) {
        const Bound *bound = g_ptr_array_index(bounds, i);
        const Address gone = {.ip = bound->ip, .ifindex = bound->ifindex};

        if (!is_among(addresses, bound))
            learning_expired(service, &gone);
    }
    return TRUE;
}

gboolean learning_refresh(Service *service, GError **error)
{
    g_autoptr(GPtrArray) devices = registry_list(keeper_registry(service->keeper));

    for (guint i = 0; i < devices->len; i++)
        if (!refresh_device(service, g_ptr_array_index(devices, i), error))
            return FALSE;
    return TRUE;
}

/* What was right when it was bound may be so no longer. */
static void restore_address(Service *service, const Device *device, const Address *address)
{
    const PolicyNetwork *network = policy_network_by_name(service->policy, device->alias.network);
    ClaimReason reason = claim_judge(network, service->facts, service->bound, device, &address->ip);
    g_autoptr(GError) error = NULL;

    if (is_forbidden(reason))
        unbind_address(service, device, &address->ip, claim_reason_text(reason));
    else if (!translator_set(service->translator, device->ifindex, &address->ip, address->valid_s,
                             &error))
        log_warning("%s: %s", device->ifname, error->message);
}

static gboolean restore_place(Service *service, Place place, GError **error)
{
    g_autoptr(GArray) addresses = address_list(service->kernel.homes[place].rtnl, 0, error);

    for (guint i = 0; addresses != NULL && i < addresses->len; i++) {
        const Address *address = &g_array_index(addresses, Address, i);
        const Device *device = device_of(service, address->ifindex);

        if (device == NULL || place_of(address->ifindex) != place)
            continue;
        bound_restore(service->bound, device->parent, address);
        restore_address(service, device, address);
    }
    return addresses != NULL;
}

gboolean learning_restore(Service *service, GError **error)
{
    return restore_place(service, PLACE_TAP_ROOM, error) &&
           restore_place(service, PLACE_HOST, error);
}

void learning_forget(Service *service, const Device *device)
{
    g_autoptr(GPtrArray) bounds = bound_list(service->bound, device->ifindex);

    for (guint i = 0; i < bounds->len; i++) {
        const Bound *bound = g_ptr_array_index(bounds, i);
        translator_unset(service->translator, device->ifindex, &bound->ip);
    }
    bound_forget(service->bound, device->ifindex);
    host_path_review(service->host_path);
}
