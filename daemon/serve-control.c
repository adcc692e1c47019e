/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Requests that show and end devices, and the new policy. Whoever is not root sees and ends his
 * own; taking others' away and the policy are root's.
 */
#include "daemon/serve-private.h"

#include "config.h"
#include "daemon/events.h"
#include "daemon/learner.h"
#include "daemon/log.h"
#include "daemon/networks.h"
#include "daemon/refusal.h"
#include "daemon/reload.h"
#include "daemon/users.h"
#include "policy/numeric.h"
#include "wire/line.h"

#include <unistd.h>

static gboolean may_see(const Service *service, const Credentials *credentials,
                        const Device *device)
{
    return credentials->uid == 0 ||
           device->alias.owner == policy_owner(service->policy, credentials->uid);
}

void serve_list(const Service *service, const Credentials *credentials, Answer *answer)
{
    g_autoptr(GPtrArray) devices = registry_list(keeper_registry(service->keeper));

    g_string_append(answer->text, "ok\n");
    networks_append(service, credentials, answer->text);
    for (guint i = 0; i < devices->len; i++) {
        const Device *device = g_ptr_array_index(devices, i);

        if (may_see(service, credentials, device))
            events_append_device(service, device, answer->text);
    }
}

void serve_watch(const Service *service, const Credentials *credentials, Answer *answer)
{
    serve_list(service, credentials, answer);
    g_string_append(answer->text, "ready\n");
    answer->watch = TRUE;
}

/* ── release ────────────────────────────────────────────────────────────────────────────────────
 */

/* A device may be on a network that the policy has no more. */
static Device *find_device(const Service *service, const Credentials *credentials,
                           const Request *request, uid_t owner, GError **error)
{
    const Registry *registry = keeper_registry(service->keeper);
    Device *device = registry_find_name(registry, owner, request->network, request->name);

    /* A name in the host's netns is enough. */
    if (device == NULL && owner == 0 && request->network[0] == '\0')
        device = serve_find_on_host(service, request->name);

    if (device != NULL)
        return device;
    const PolicyNetwork *network =
        serve_find_network(service, credentials, request->network, error);
    if (network == NULL)
        return NULL;
    device = registry_find_name(registry, owner, network->name, request->name);
    if (device == NULL && request->has_owner)
        refuse(error, REPLY_DENIED, "uid %u has no device %s on %s", owner, request->name,
               network->name);
    else if (device == NULL)
        refuse(error, REPLY_DENIED, "you have no device %s on %s", request->name, network->name);
    return device;
}

gboolean serve_release(Service *service, const Credentials *credentials, const Request *request,
                       Answer *answer, GError **error)
{
    uid_t owner =
        request->has_owner ? request->owner : policy_owner(service->policy, credentials->uid);

    if (request->has_owner && owner != policy_owner(service->policy, credentials->uid) &&
        !serve_check_root(credentials, "release what others have", error))
        return FALSE;

    Device *device = find_device(service, credentials, request, owner, error);
    if (device == NULL)
        return FALSE;
    events_released(service, device, credentials->uid);
    keeper_drop(service->keeper, device,
                request->has_owner ? "root released it" : "its owner released it");
    g_string_append(answer->text, "ok\n");
    return TRUE;
}

/* ── revoke ─────────────────────────────────────────────────────────────────────────────────────
 */

static gboolean has_keys(const Request *request)
{
    return request->has_owner || request->network[0] != '\0' || request->name[0] != '\0';
}

static gboolean matches(const Request *request, const Alias *alias)
{
    return (!request->has_owner || request->owner == alias->owner) &&
           (request->network[0] == '\0' || g_str_equal(request->network, alias->network)) &&
           (request->name[0] == '\0' || g_str_equal(request->name, alias->name));
}

gboolean serve_revoke(Service *service, const Credentials *credentials, const Request *request,
                      Answer *answer, GError **error)
{
    guint revoked = 0;

    if (!serve_check_root(credentials, "revoke devices", error))
        return FALSE;

    g_autoptr(GPtrArray) devices = registry_list(keeper_registry(service->keeper));
    for (guint i = 0; i < devices->len; i++) {
        Device *device = g_ptr_array_index(devices, i);

        if (device->ended || !matches(request, &device->alias) ||
            (!has_keys(request) && permits_has(service->permits, device->ifindex)))
            continue;
        events_released(service, device, credentials->uid);
        keeper_drop(service->keeper, device, "it was revoked");
        revoked++;
    }
    g_string_append_printf(answer->text, "ok revoked=%u\n", revoked);
    return TRUE;
}

/* ── status ─────────────────────────────────────────────────────────────────────────────────────
 */

static guint64 seconds_since(gint64 then)
{
    return (guint64)(g_get_monotonic_time() - then) / G_USEC_PER_SEC;
}

/* Errors of the kernel's become one value of a line. */
static void write_words(LineWriter *writer, const char *key, const char *words)
{
    g_autofree char *text = g_strndup(words, 512);

    for (char *byte = text; *byte != '\0'; byte++)
        if (g_ascii_iscntrl(*byte))
            *byte = ' ';
    line_write(writer, key, text);
}

static void write_counts(const Service *service, LineWriter *writer)
{
    g_autoptr(GPtrArray) devices = registry_list(keeper_registry(service->keeper));
    guint64 queues = 0;

    for (guint i = 0; i < devices->len; i++) {
        const Device *device = g_ptr_array_index(devices, i);

        queues += (guint64)__builtin_popcountll(device->open_queues);
    }
    line_write_u64(writer, "networks", policy_n_networks(service->policy));
    line_write_u64(writer, "devices", devices->len);
    line_write_u64(writer, "queues", queues);
    line_write_u64(writer, "peers", service->peers);
    line_write_u64(writer, "watchers", watchers_count(service->watchers));
}

void serve_status(const Service *service, guint64 waited, Answer *answer)
{
    char buffer[LINE_SIZE_MAX];
    LineWriter writer;

    line_writer_init(&writer, buffer, sizeof(buffer));
    line_write_word(&writer, "ok");
    line_write(&writer, "version", ONTAP_VERSION);
    line_write_u64(&writer, "pid", (guint64)getpid());
    line_write_u64(&writer, "uptime", seconds_since(service->started));
    write_words(&writer, "policy", policy_file(service->policy));
    line_write_u64(&writer, "policy-age", seconds_since(service->policy_loaded));
    write_counts(service, &writer);
    line_write_u64(&writer, "served", turns_served(service->turns));
    line_write_u64(&writer, "waited", waited);
    line_write(&writer, "learner", learner_is_running(service->learner) ? "running" : "dead");
    line_write(&writer, "translate", service->translator != NULL ? "yes" : "no");
    if (service->no_translator != NULL)
        write_words(&writer, "translate-why", service->no_translator);
    write_words(&writer, "kernel", service->release);
    gboolean fits = line_writer_end(&writer);
    g_assert(fits);
    g_string_append(answer->text, buffer);
}

/* ── policy ─────────────────────────────────────────────────────────────────────────────────────
 */

gboolean serve_policy(Service *service, const Credentials *credentials, const char *text,
                      gsize size, Answer *answer, GError **error)
{
    g_autoptr(GError) wrong = NULL;
    g_autoptr(Policy) policy = policy_from_text(text, size, &wrong);

    if (policy == NULL) {
        log_warning("a new policy is refused, and the present one stays: %s", wrong->message);
        refuse(error, REPLY_MALFORMED, "%s", wrong->message);
        return FALSE;
    }
    log_notice("process %d hands over the policy %s", credentials->pid, policy_file(policy));
    g_string_append_printf(answer->text, "ok networks=%zu rules=%zu forbidden=%u\n",
                           policy_n_networks(policy), policy_n_rules(policy),
                           reload_policy(service, policy));
    return TRUE;
}
