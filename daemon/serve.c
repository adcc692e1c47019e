/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "daemon/serve.h"

#include "config.h"
#include "daemon/events.h"
#include "daemon/guest-mac.h"
#include "daemon/log.h"
#include "daemon/parent.h"
#include "daemon/refusal.h"
#include "wire/line.h"
#include "wire/request.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static PolicySubject subject_of(const Credentials *credentials)
{
    return (PolicySubject){
        .uid = credentials->uid,
        .gid = credentials->gid,
        .groups = credentials->groups,
        .n_groups = credentials->n_groups,
    };
}

/* The networks that this caller may have some device on, for an error that helps. */
static char *usable_networks(const Service *service, const Credentials *credentials)
{
    const PolicySubject subject = subject_of(credentials);
    g_autoptr(GString) text = g_string_new(NULL);

    for (size_t i = 0; i < policy_n_networks(service->policy); i++) {
        const PolicyNetwork *network = policy_network(service->policy, i);
        PolicyDecision decision;

        policy_decide(service->policy, &subject, network, network->type, &decision);
        if (decision.allowed)
            g_string_append_printf(text, "%s%s", text->len > 0 ? ", " : "", network->name);
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static const PolicyNetwork *find_network(const Service *service, const Credentials *credentials,
                                         const char *name, GError **error)
{
    const PolicyNetwork *network = policy_network_for_request(service->policy, name);

    if (network != NULL)
        return network;

    g_autofree char *usable = usable_networks(service, credentials);
    const char *hint = usable[0] != '\0' ? usable : "none";
    if (name[0] == '\0')
        refuse(error, REPLY_UNKNOWN_NETWORK,
               "no network is the default; name one with --network, you may use: %s", hint);
    else
        refuse(error, REPLY_UNKNOWN_NETWORK, "there is no network %s; you may use: %s", name, hint);
    return NULL;
}

static gboolean check_type(const PolicyNetwork *network, DeviceType type, GError **error)
{
    if (network->types & type) {
        if (type & (DEVICE_IPVTAP | DEVICE_MACVTAP))
            return TRUE;
        refuse(error, REPLY_UNSUPPORTED, "%s devices are not handed out by descriptor",
               device_type_text(type));
        return FALSE;
    }
    refuse(error, REPLY_DENIED, "network %s has no %s devices (%s:%u)", network->name,
           device_type_text(type), network->place.file, network->place.line);
    return FALSE;
}

static gboolean decide(const Service *service, const Credentials *credentials,
                       const PolicyNetwork *network, DeviceType type, PolicyDecision *decision,
                       GError **error)
{
    const PolicySubject subject = subject_of(credentials);
    char user[USERS_TEXT_SIZE];

    policy_decide(service->policy, &subject, network, type, decision);
    if (decision->allowed)
        return TRUE;
    users_text(service->users, credentials->uid, user);
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
static gboolean is_given_name(const char *name)
{
    return g_str_has_prefix(name, "ontap") && g_ascii_isdigit(name[strlen("ontap")]);
}

static gboolean check_limits(const Service *service, const PolicyNetwork *network,
                             const PolicyDecision *decision, const Request *request, GError **error)
{
    const Registry *registry = keeper_registry(service->keeper);
    const PolicyPlace *place = decision->place;
    guint held = registry_count_owner(registry, decision->owner, network->name);
    guint all = registry_count_network(registry, network->name);
    char user[USERS_TEXT_SIZE];

    users_text(service->users, decision->owner, user);
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
    if (is_given_name(request->name)) {
        refuse(error, REPLY_DENIED, "names like %s are given by the daemon; choose another",
               request->name);
        return FALSE;
    }
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
    for (guint queue = 0; queue < device->alias.queues; queue++)
        close(fds[queue]);
    keeper_drop(service->keeper, device, "its guard could not be set up");
    return NULL;
}

static void write_reply(const Reply *reply, GString *text)
{
    char line[REPLY_SIZE_MAX];
    size_t size = reply_format(reply, line, sizeof(line));

    g_assert(size > 0);
    g_string_append_len(text, line, (gssize)size);
}

static void write_device(const Service *service, const Device *device, GString *text)
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
    write_reply(&reply, text);
}

static gboolean serve_device(Service *service, const Credentials *credentials,
                             const Request *request, Answer *answer, GError **error)
{
    const PolicyNetwork *network = find_network(service, credentials, request->network, error);
    if (network == NULL)
        return FALSE;

    DeviceType type = request->type != 0 ? request->type : network->type;
    PolicyDecision decision;
    if (!check_type(network, type, error) ||
        !decide(service, credentials, network, type, &decision, error) ||
        !check_limits(service, network, &decision, request, error))
        return FALSE;

    const Device *device =
        make_device(service, network, &decision, request, type, answer->fds, error);
    if (device == NULL)
        return FALSE;
    answer->n_fds = device->alias.queues;
    answer->ifindex = device->ifindex;
    write_device(service, device, answer->text);

    const LogAbout about = {decision.owner, network->name, device->alias.name, device->ifname};
    log_entry(G_LOG_LEVEL_MESSAGE, &about, "%s for uid %u (process %d) on %s (%s), %u queues",
              device->ifname, credentials->uid, credentials->pid, network->name, device->alias.name,
              device->alias.queues);
    return TRUE;
}

static gboolean may_see(const Service *service, const Credentials *credentials,
                        const Device *device)
{
    return credentials->uid == 0 ||
           device->alias.owner == policy_owner(service->policy, credentials->uid);
}

static void serve_list(const Service *service, const Credentials *credentials, Answer *answer)
{
    g_autoptr(GPtrArray) devices = registry_list(keeper_registry(service->keeper));

    g_string_append(answer->text, "ok\n");
    for (guint i = 0; i < devices->len; i++) {
        const Device *device = g_ptr_array_index(devices, i);
        if (!device->ended && may_see(service, credentials, device))
            events_append_device(service, device, answer->text);
    }
}

static gboolean serve_release(Service *service, const Credentials *credentials,
                              const Request *request, Answer *answer, GError **error)
{
    const PolicyNetwork *network = find_network(service, credentials, request->network, error);
    if (network == NULL)
        return FALSE;

    uid_t owner = policy_owner(service->policy, credentials->uid);
    Device *device =
        registry_find_name(keeper_registry(service->keeper), owner, network->name, request->name);
    if (device == NULL) {
        refuse(error, REPLY_DENIED, "you have no device %s on %s", request->name, network->name);
        return FALSE;
    }
    keeper_drop(service->keeper, device, "its owner released it");
    g_string_append(answer->text, "ok\n");
    return TRUE;
}

static gboolean serve(Service *service, const Credentials *credentials, const Request *request,
                      Answer *answer, GError **error)
{
    switch (request->kind) {
    case REQUEST_DEVICE:
        return serve_device(service, credentials, request, answer, error);
    case REQUEST_LIST:
        serve_list(service, credentials, answer);
        return TRUE;
    case REQUEST_RELEASE:
        return serve_release(service, credentials, request, answer, error);
    case REQUEST_PING:
        g_string_append(answer->text, "ok version=" ONTAP_VERSION "\n");
        return TRUE;
    case REQUEST_WATCH:
        serve_list(service, credentials, answer);
        answer->watch = TRUE;
        return TRUE;
    case REQUEST_POLICY:
        break;
    }
    refuse(error, REPLY_UNSUPPORTED, "this ontapd does not answer that request yet");
    return FALSE;
}

void answer_refuse(Answer *answer, ReplyCode code, const char *text)
{
    Reply reply = {.code = code};

    g_strlcpy(reply.text, text, sizeof(reply.text));
    answer->text = g_string_new(NULL);
    write_reply(&reply, answer->text);
}

void service_answer(Service *service, const Credentials *credentials, const char *line, size_t size,
                    Answer *answer)
{
    char malformed[REQUEST_ERROR_SIZE];
    g_autoptr(GError) error = NULL;
    Request request;

    *answer = (Answer){0};
    if (!request_parse(&request, line, size, malformed)) {
        answer_refuse(answer, REPLY_MALFORMED, malformed);
        return;
    }
    answer->text = g_string_new(NULL);
    if (serve(service, credentials, &request, answer, &error))
        return;

    const LogAbout about = {credentials->uid, request.network, request.name, NULL};
    ReplyCode code = refusal_code(error);
    log_entry(code == REPLY_INTERNAL ? G_LOG_LEVEL_CRITICAL : G_LOG_LEVEL_INFO, &about,
              "uid %u (process %d) is told %s: %s", credentials->uid, credentials->pid,
              reply_code_text(code), error->message);
    g_string_free(answer->text, TRUE);
    answer_refuse(answer, code, error->message);
}

void answer_deinit(Answer *answer)
{
    for (guint i = 0; i < answer->n_fds; i++)
        close(answer->fds[i]);
    if (answer->text != NULL)
        g_string_free(answer->text, TRUE);
    *answer = (Answer){0};
}

void service_take_back(Service *service, const Answer *answer)
{
    Device *device = registry_find(keeper_registry(service->keeper), answer->ifindex);

    if (answer->ifindex != 0 && device != NULL)
        keeper_drop(service->keeper, device, "nobody was there to take it");
}
