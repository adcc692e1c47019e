/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "daemon/networks.h"

#include "daemon/host-path.h"
#include "wire/line.h"

#include <string.h>

#define ADDRESSES_SHOWN 32
#define WHY_SHOWN 512 /* bytes */

typedef struct {
    LineWriter writer;
    char buffer[LINE_SIZE_MAX];
} NetworkLine;

static void begin(NetworkLine *line, const char *word)
{
    line_writer_init(&line->writer, line->buffer, sizeof(line->buffer));
    line_write_word(&line->writer, word);
}

/* Only a path of the policy could be too long, and it is cut to fit. */
static void end(NetworkLine *line)
{
    gboolean fits = line_writer_end(&line->writer);

    g_assert(fits);
}

gboolean networks_may_see(const Policy *policy, const Credentials *credentials,
                          const PolicyNetwork *network)
{
    const PolicySubject subject = {credentials->uid, credentials->gid, credentials->groups,
                                   credentials->n_groups};

    if (credentials->uid == 0)
        return TRUE;
    for (DeviceType type = DEVICE_IPVTAP; type <= DEVICE_MACVLAN; type <<= 1) {
        PolicyDecision decision;

        policy_decide(policy, &subject, network, type, &decision);
        if (decision.allowed)
            return TRUE;
    }
    return FALSE;
}

/* ── lines ──────────────────────────────────────────────────────────────────────────────────────
 */

static void write_types(NetworkLine *line, const PolicyNetwork *network)
{
    g_autoptr(GString) types = g_string_new(device_type_text(network->type));

    for (DeviceType type = DEVICE_IPVTAP; type <= DEVICE_MACVLAN; type <<= 1)
        if ((network->types & type) && type != network->type)
            g_string_append_printf(types, ",%s", device_type_text(type));
    line_write(&line->writer, "types", types->str);
}

static void write_place(NetworkLine *line, const PolicyPlace *place)
{
    g_autofree char *text = g_strdup_printf("%.1024s:%u", place->file, place->line);

    for (char *byte = text; *byte != '\0'; byte++)
        if (g_ascii_iscntrl(*byte))
            *byte = '?';
    line_write(&line->writer, "place", text);
}

static const char *on_off(gboolean on)
{
    return on ? "on" : "off";
}

/* What the kernel had to say may be part of it. */
static void write_why(NetworkLine *line, const char *why)
{
    g_autofree char *text = g_strndup(why, WHY_SHOWN);

    for (char *byte = text; *byte != '\0'; byte++)
        if (g_ascii_iscntrl(*byte))
            *byte = ' ';
    line_write(&line->writer, "host-why", text);
}

typedef struct {
    guint held;          /* devices */
    gboolean translates; /* where eBPF is to be had, which mac=translate and guard=on need */
    const char *why;     /* host=on is not true; NULL: it is, or is not said */
} Present;

/* What it is like now, or all that the policy says of it (NULL). */
static void format_network(NetworkLine *line, const PolicyNetwork *network, const Present *present)
{
    gboolean translates = present == NULL || present->translates;

    begin(line, "network");
    line_write(&line->writer, "network", network->name);
    line_write(&line->writer, "parent", network->parent);
    line_write(&line->writer, "default", network->is_default ? "yes" : "no");
    write_types(line, network);
    line_write(&line->writer, "mode", network->mode == POLICY_MODE_PRIVATE ? "private" : "bridge");
    line_write(&line->writer, "mac",
               network->mac == POLICY_MAC_TRANSLATE && translates ? "translate" : "parent");
    line_write(&line->writer, "guard", on_off(network->guard && translates));
    line_write(&line->writer, "static", on_off(network->learn_static));
    line_write(&line->writer, "host", on_off(network->host));
    if (present != NULL && present->why != NULL)
        write_why(line, present->why);
    if (present != NULL)
        line_write_u64(&line->writer, "devices", present->held);
    if (network->devices != G_MAXUINT)
        line_write_u64(&line->writer, "devices-limit", network->devices);
    write_place(line, &network->place);
    end(line);
}

/* Of other people's guests only root is told. */
static void format_present(const Service *service, NetworkLine *line, const PolicyNetwork *network,
                           gboolean for_root)
{
    const ParentState *parent = parents_find_name(service->parents, network->parent);
    const Present present = {
        .held = registry_count_network(keeper_registry(service->keeper), network->name),
        .translates = service->translator != NULL,
        .why = network->host && parent != NULL
                   ? host_path_trouble(service->host_path, parent->ifindex, for_root)
                   : NULL,
    };

    format_network(line, network, &present);
}

static void write_addresses(const Service *service, NetworkLine *line, guint32 ifindex)
{
    g_autoptr(GArray) addresses = facts_addresses(service->facts, ifindex, ADDRESSES_SHOWN);
    g_autoptr(GString) list = g_string_new(NULL);

    for (guint i = 0; i < addresses->len; i++) {
        char text[IP_TEXT_SIZE];

        ip_format(&g_array_index(addresses, IpAddress, i), text);
        g_string_append_printf(list, "%s%s", i > 0 ? "," : "", text);
    }
    if (addresses->len > 0)
        line_write(&line->writer, "addresses", list->str);
}

static void format_parent(const Service *service, NetworkLine *line, const ParentState *parent)
{
    char hwaddr[HWADDR_TEXT_SIZE];

    begin(line, "parent");
    line_write(&line->writer, "parent", parent->name);
    line_write(&line->writer, "state", parent->ifindex != 0 ? "present" : "missing");
    if (parent->ifindex != 0) {
        hwaddr_format(parent->hwaddr, hwaddr);
        line_write_u64(&line->writer, "ifindex", parent->ifindex);
        line_write(&line->writer, "up", parent->up ? "yes" : "no");
        line_write(&line->writer, "carrier", parent->carrier ? "yes" : "no");
        line_write(&line->writer, "hwaddr", hwaddr);
        line_write_u64(&line->writer, "mtu", parent->mtu);
        write_addresses(service, line, parent->ifindex);
    }
    end(line);
}

/* ── list ───────────────────────────────────────────────────────────────────────────────────────
 */

typedef struct {
    const Policy *policy;
    const char *parent;
} OfParent;

static gboolean may_see_parent(const Credentials *credentials, gconstpointer data)
{
    const OfParent *of = data;

    if (credentials->uid == 0)
        return TRUE;
    for (size_t i = 0; i < policy_n_networks(of->policy); i++) {
        const PolicyNetwork *network = policy_network(of->policy, i);

        if (g_str_equal(network->parent, of->parent) &&
            networks_may_see(of->policy, credentials, network))
            return TRUE;
    }
    return FALSE;
}

void networks_append(const Service *service, const Credentials *credentials, GString *text)
{
    const GArray *parents = parents_list(service->parents);
    NetworkLine line;

    for (size_t i = 0; i < policy_n_networks(service->policy); i++) {
        const PolicyNetwork *network = policy_network(service->policy, i);

        if (!networks_may_see(service->policy, credentials, network))
            continue;
        format_present(service, &line, network, credentials->uid == 0);
        g_string_append_len(text, line.buffer, (gssize)line.writer.used);
    }
    for (guint i = 0; i < parents->len; i++) {
        const ParentState *parent = &g_array_index(parents, ParentState, i);

        if (!may_see_parent(credentials, &(OfParent){service->policy, parent->name}))
            continue;
        format_parent(service, &line, parent);
        g_string_append_len(text, line.buffer, (gssize)line.writer.used);
    }
}

/* ── watch ──────────────────────────────────────────────────────────────────────────────────────
 */

void networks_parent_changed(const Service *service, const ParentState *parent)
{
    const OfParent of = {service->policy, parent->name};
    NetworkLine line;

    if (!watchers_any(service->watchers))
        return;
    format_parent(service, &line, parent);
    watchers_tell_chosen(service->watchers, may_see_parent, &of, line.buffer, line.writer.used);
}

typedef struct {
    const Policy *policy;
    const PolicyNetwork *network;
    gboolean for_root;
} OfNetwork;

static gboolean is_told(const Credentials *credentials, gconstpointer data)
{
    const OfNetwork *of = data;

    return of->for_root == (credentials->uid == 0) &&
           networks_may_see(of->policy, credentials, of->network);
}

static void tell_host(const Service *service, const PolicyNetwork *network, gboolean for_root)
{
    const OfNetwork of = {service->policy, network, for_root};
    NetworkLine line;

    format_present(service, &line, network, for_root);
    watchers_tell_chosen(service->watchers, is_told, &of, line.buffer, line.writer.used);
}

void networks_host_changed(const Service *service, const char *parent)
{
    if (!watchers_any(service->watchers))
        return;
    for (size_t i = 0; i < policy_n_networks(service->policy); i++) {
        const PolicyNetwork *network = policy_network(service->policy, i);

        if (!network->host || !g_str_equal(network->parent, parent))
            continue;
        tell_host(service, network, TRUE);
        tell_host(service, network, FALSE);
    }
}

/* A network before and after; NULL where it is not. */
typedef struct {
    const Policy *old, *present;
    const PolicyNetwork *before, *after;
    gboolean differs;
} Change;

static gboolean saw(const Change *change, const Credentials *credentials)
{
    return change->before != NULL && networks_may_see(change->old, credentials, change->before);
}

static gboolean sees(const Change *change, const Credentials *credentials)
{
    return change->after != NULL && networks_may_see(change->present, credentials, change->after);
}

static gboolean loses(const Credentials *credentials, gconstpointer data)
{
    return saw(data, credentials) && !sees(data, credentials);
}

static gboolean has_news(const Credentials *credentials, gconstpointer data)
{
    const Change *change = data;

    return sees(change, credentials) && (change->differs || !saw(change, credentials));
}

static void tell_change(const Service *service, Change *change)
{
    const PolicyNetwork *network = change->after != NULL ? change->after : change->before;
    NetworkLine line, other;

    if (change->after != NULL && change->before != NULL) {
        format_network(&line, change->before, NULL);
        format_network(&other, change->after, NULL);
        change->differs = !g_str_equal(line.buffer, other.buffer);
    } else {
        change->differs = TRUE;
    }
    begin(&line, "network-gone");
    line_write(&line.writer, "network", network->name);
    end(&line);
    watchers_tell_chosen(service->watchers, loses, change, line.buffer, line.writer.used);
    if (change->after == NULL)
        return;
    format_present(service, &line, change->after, FALSE);
    watchers_tell_chosen(service->watchers, has_news, change, line.buffer, line.writer.used);
}

void networks_policy_changed(const Service *service, const Policy *old)
{
    Change change = {.old = old, .present = service->policy};

    if (!watchers_any(service->watchers))
        return;
    for (size_t i = 0; i < policy_n_networks(old); i++) {
        change.before = policy_network(old, i);
        change.after = policy_network_by_name(service->policy, change.before->name);
        tell_change(service, &change);
    }
    for (size_t i = 0; i < policy_n_networks(service->policy); i++) {
        change.after = policy_network(service->policy, i);
        change.before = policy_network_by_name(old, change.after->name);
        if (change.before == NULL)
            tell_change(service, &change);
    }
}
