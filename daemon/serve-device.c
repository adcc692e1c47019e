/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * A request for a device: type, policy and limits, in that order, then the device. The first no
 * ends it, with the line of the policy that says so.
 */
#include "daemon/serve-private.h"

#include "daemon/guest-mac.h"
#include "daemon/log.h"
#include "daemon/parent.h"
#include "daemon/refusal.h"
#include "daemon/users.h"

#include <string.h>

static gboolean check_type(const PolicyNetwork *network, DeviceType type, GError **error)
{
    if (network->types & type)
        return TRUE;
    refuse(error, REPLY_DENIED, "network %s has no %s devices (%s:%u)", network->name,
           device_type_text(type), network->place.file, network->place.line);
    return FALSE;
}

static gboolean decide(const Service *service, const Credentials *credentials,
                       const PolicyNetwork *network, DeviceType type, PolicyDecision *decision,
                       GError **error)
{
    const PolicySubject subject = serve_subject(credentials);
    char user[USERS_TEXT_SIZE];

    policy_decide(service->policy, &subject, network, type, decision);
    if (decision->allowed)
        return TRUE;
    users_text(service->policy, credentials->uid, user);
    if (decision->place != NULL)
        refuse(error, REPLY_DENIED, "%s may not have %s devices on %s (%s:%u)", user,
               device_type_text(type), network->name, decision->place->file, decision->place->line);
    else
        refuse(error, REPLY_DENIED,
               "%s may not have %s devices on %s: no line of the policy allows it", user,
               device_type_text(type), network->name);
    return FALSE;
}

/* What a device is called whose owner gave it no name: its ifname. */
gboolean serve_check_name(const char *name, GError **error)
{
    if (!g_str_has_prefix(name, "ontap") || !g_ascii_isdigit(name[strlen("ontap")]))
        return TRUE;
    refuse(error, REPLY_DENIED, "names like %s are given by the daemon; choose another", name);
    return FALSE;
}

static gboolean check_limits(const Service *service, const PolicyNetwork *network,
                             const PolicyDecision *decision, const Request *request, GError **error)
{
    const Registry *registry = keeper_registry(service->keeper);
    const PolicyPlace *place = decision->place;
    guint held = registry_count_owner(registry, decision->owner, network->name);
    guint all = registry_count_network(registry, network->name);
    char user[USERS_TEXT_SIZE];

    users_text(service->policy, decision->owner, user);
    if (request->queues > decision->limits.queues) {
        refuse(error, REPLY_DENIED,
               "%s may have %u queues a device on %s, and asked for %u (%s:%u)", user,
               decision->limits.queues, network->name, request->queues, place->file, place->line);
        return FALSE;
    }
    if (held >= decision->limits.devices) {
        refuse(error, REPLY_DENIED, "%s may have %u devices on %s, and has %u (%s:%u)", user,
               decision->limits.devices, network->name, held, place->file, place->line);
        return FALSE;
    }
    if (all >= network->devices) {
        refuse(error, REPLY_DENIED, "network %s may have %u devices, and has %u (%s:%u)",
               network->name, network->devices, all, network->place.file, network->place.line);
        return FALSE;
    }
    if (!serve_check_name(request->name, error))
        return FALSE;
    if (request->name[0] != '\0' &&
        registry_find_name(registry, decision->owner, network->name, request->name) != NULL) {
        refuse(error, REPLY_BUSY, "%s already has a device %s on %s", user, request->name,
               network->name);
        return FALSE;
    }
    return TRUE;
}

static DeviceSpec spec_of(const Service *service, const PolicyNetwork *network,
                          const PolicyDecision *decision, const Request *request, DeviceType type,
                          const Link *parent)
{
    DeviceSpec spec = {
        .type = type,
        .mode = network->mode == POLICY_MODE_PRIVATE ? LINK_MODE_PRIVATE : LINK_MODE_BRIDGE,
        .parent = parent->ifindex,
        .mtu = parent->mtu,
        .alias = {.owner = decision->owner,
                  .queues = request->queues,
                  .addresses = decision->limits.addresses},
    };

    /* A macvtap has a MAC of its own. Where eBPF is not to be had, all guests have the parent's. */
    if (type == DEVICE_IPVTAP && service->translator != NULL) {
        spec.alias.translate = network->mac == POLICY_MAC_TRANSLATE;
        spec.alias.guard = network->guard;
    }

    g_strlcpy(spec.alias.network, network->name, sizeof(spec.alias.network));
    g_strlcpy(spec.alias.name, request->name, sizeof(spec.alias.name));
    return spec;
}

static Device *make_device(Service *service, const PolicyNetwork *network,
                           const PolicyDecision *decision, const Request *request, DeviceType type,
                           int *fds, GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(Link) parent = parent_find(service->kernel.host, network, error);

    if (parent == NULL)
        return NULL;
    const DeviceSpec spec = spec_of(service, network, decision, request, type, parent);
    Device *device = keeper_make(service->keeper, &spec, fds, &failure);
    if (device == NULL) {
        parent_explain(service->kernel.host, network, parent, type, failure, error);
        return NULL;
    }
    if (translator_add(service->translator, service->kernel.room, device, error))
        return device;
    inflight_close(service->inflight, decision->owner, -1, fds, device->alias.queues);
    keeper_drop(service->keeper, device, "its guard could not be set up");
    return NULL;
}

void serve_write_device(const Service *service, const Device *device, GString *text)
{
    Reply reply = {
        .code = REPLY_OK,
        .ifindex = device->ifindex,
        .mtu = device->mtu,
        .queues = device->alias.queues,
    };

    g_strlcpy(reply.ifname, device->ifname, sizeof(reply.ifname));
    g_strlcpy(reply.network, device->alias.network, sizeof(reply.network));
    g_strlcpy(reply.name, device->alias.name, sizeof(reply.name));
    if (device->alias.translate)
        guest_mac_suggest(service->machine, &device->alias, reply.hwaddr);
    else
        memcpy(reply.hwaddr, device->hwaddr, HWADDR_SIZE);
    if (device->type == DEVICE_MACVTAP) {
        reply.has_stable = true;
        guest_mac_suggest(service->machine, &device->alias, reply.stable);
    }
    serve_write_reply(&reply, text);
}

/* As many queues as the rule allows, down to what the client can do with. */
static Request fit_queues(const Request *asked, const PolicyLimits *limits)
{
    Request request = *asked;

    if (asked->queues_least != 0 && asked->queues_least <= limits->queues)
        request.queues = MIN(asked->queues, limits->queues);
    return request;
}

/* Asked last: what a user has not read yet counts only when there is more to send. */
static gboolean check_inflight(const Service *service, uid_t owner, guint queues, GError **error)
{
    if (inflight_may(service->inflight, owner, queues))
        return TRUE;
    refuse(error, REPLY_BUSY,
           "too many descriptors are on their way to clients that do not read "
           "them; try again");
    return FALSE;
}

gboolean serve_device(Service *service, const Credentials *credentials, const Request *asked,
                      Answer *answer, GError **error)
{
    const PolicyNetwork *network = serve_find_network(service, credentials, asked->network, error);
    if (network == NULL)
        return FALSE;

    DeviceType type = asked->type != 0 ? asked->type : network->type;
    PolicyDecision decision;
    if (!check_type(network, type, error) ||
        !decide(service, credentials, network, type, &decision, error))
        return FALSE;
    if (type & (DEVICE_IPVLAN | DEVICE_MACVLAN))
        return serve_place(service, credentials, network, type, asked, answer, error);

    const Request request = fit_queues(asked, &decision.limits);
    if (!check_limits(service, network, &decision, &request, error) ||
        !check_inflight(service, decision.owner, request.queues, error))
        return FALSE;
    const Device *device =
        make_device(service, network, &decision, &request, type, answer->fds, error);
    if (device == NULL)
        return FALSE;
    permits_keep(service->permits, device->ifindex, credentials);
    answer->n_fds = device->alias.queues;
    answer->ifindex = device->ifindex;
    serve_write_device(service, device, answer->text);

    const LogAbout about = {decision.owner, network->name, device->alias.name, device->ifname};
    log_entry(G_LOG_LEVEL_MESSAGE, &about, "%s for uid %u (process %d) on %s (%s), %u queues",
              device->ifname, credentials->uid, credentials->pid, network->name, device->alias.name,
              device->alias.queues);
    return TRUE;
}
