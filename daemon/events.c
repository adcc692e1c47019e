/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "daemon/events.h"

#include "daemon/guest-mac.h"
#include "daemon/learner.h"
#include "daemon/log.h"
#include "daemon/parents.h"
#include "daemon/same-mac.h"
#include "daemon/users.h"
#include "wire/line.h"

/* Names, numbers and addresses: a line of them always fits. */
typedef struct {
    LineWriter writer;
    char buffer[LINE_SIZE_MAX];
} EventLine;

static void begin(EventLine *line, const char *word, const Device *device)
{
    line_writer_init(&line->writer, line->buffer, sizeof(line->buffer));
    line_write_word(&line->writer, word);
    line_write(&line->writer, "ifname", device->ifname);
    line_write(&line->writer, "network", device->alias.network);
    line_write(&line->writer, "name", device->alias.name);
}

static void write_ip(EventLine *line, const IpAddress *ip)
{
    char text[IP_TEXT_SIZE];

    ip_format(ip, text);
    line_write(&line->writer, "address", text);
}

static void end(EventLine *line)
{
    gboolean fits = line_writer_end(&line->writer);

    g_assert(fits);
}

static void append(EventLine *line, GString *text)
{
    end(line);
    g_string_append_len(text, line->buffer, (gssize)line->writer.used);
}

static void tell(const Service *service, const Device *device, EventLine *line)
{
    end(line);
    watchers_tell(service->watchers, device->alias.owner, line->buffer, line->writer.used);
}

static LogAbout about(const Device *device)
{
    return (LogAbout){device->alias.owner, device->alias.network, device->alias.name,
                      device->ifname};
}

static void write_device(const Service *service, const Device *device, EventLine *line)
{
    const ParentState *parent = parents_find(service->parents, device->parent);
    char hwaddr[HWADDR_TEXT_SIZE], user[USERS_TEXT_SIZE];

    hwaddr_format(device->hwaddr, hwaddr);
    line_write_u64(&line->writer, "owner", device->alias.owner);
    line_write(&line->writer, "user", users_text(service->policy, device->alias.owner, user));
    line_write(&line->writer, "type", device_type_text(device->type));
    line_write_u64(&line->writer, "ifindex", device->ifindex);
    line_write(&line->writer, "hwaddr", hwaddr);
    line_write_u64(&line->writer, "mtu", device->mtu);
    line_write_u64(&line->writer, "queues", device->alias.queues);
    if (device->alias.place == PLACE_HOST)
        line_write(&line->writer, "place", PLACE_HOST_TEXT);
    else
        line_write_u64(&line->writer, "open", (guint64)__builtin_popcountll(device->open_queues));
    line_write_u64(&line->writer, "addresses", device->alias.addresses);
    if (parent != NULL)
        line_write(&line->writer, "parent", parent->name);
    line_write(&line->writer, "permitted",
               permits_has(service->permits, device->ifindex) ? "yes" : "no");
    if (device->ended)
        line_write(&line->writer, "ended", "yes");
}

/* The MAC that the reply had suggested is stable and nobody else's. */
static void suggest(const Service *service, const Device *device, char text[HWADDR_TEXT_SIZE])
{
    guint8 mac[HWADDR_SIZE];

    guest_mac_suggest(service->machine, &device->alias, mac);
    hwaddr_format(mac, text);
}

static void write_same_mac(const Service *service, const Device *device, EventLine *line)
{
    const Device *elder = same_mac_elder(service->same_mac, device);
    char suggested[HWADDR_TEXT_SIZE];

    if (elder == NULL)
        return;
    suggest(service, device, suggested);
    line_write(&line->writer, "same-mac", elder->ifname);
    line_write(&line->writer, "use-mac", suggested);
}

static void write_bound(const Bound *bound, EventLine *line)
{
    write_ip(line, &bound->ip);
    line_write(&line->writer, "source", binding_source_text(bound->source));
    if (bound_left(bound) == ADDRESS_FOREVER)
        line_write(&line->writer, "valid", "forever");
    else
        line_write_u64(&line->writer, "valid", bound_left(bound));
}

/* What the learner turned down by itself is only known from these. */
static void append_counters(const Service *service, const Device *device, GString *text)
{
    const Counters *counters = learner_counters(service->learner, device->ifindex);
    EventLine line;

    if (counters == NULL)
        return;
    begin(&line, "counters", device);
    for (guint i = 0; i < COUNTER_N; i++)
        line_write_u64(&line.writer, counter_text(i), counters->n[i]);
    append(&line, text);
}

void events_append_device(const Service *service, const Device *device, GString *text)
{
    g_autoptr(GPtrArray) bounds = bound_list(service->bound, device->ifindex);
    EventLine line;

    begin(&line, "device", device);
    write_device(service, device, &line);
    write_same_mac(service, device, &line);
    append(&line, text);
    for (guint i = 0; i < bounds->len; i++) {
        begin(&line, "binding", device);
        write_bound(g_ptr_array_index(bounds, i), &line);
        append(&line, text);
    }
    begin(&line, "traffic", device);
    if (translator_describe(service->translator, device->ifindex, &line.writer))
        append(&line, text);
    append_counters(service, device, text);
    for (guint reason = CLAIM_FINE + 1; reason < CLAIM_REASONS; reason++) {
        if (device->tally.refused[reason] == 0)
            continue;
        begin(&line, "refusals", device);
        line_write(&line.writer, "reason", claim_reason_text(reason));
        line_write_u64(&line.writer, "count", device->tally.refused[reason]);
        append(&line, text);
    }
}

void events_device_made(const Service *service, const Device *device)
{
    EventLine line;

    begin(&line, "made", device);
    write_device(service, device, &line);
    tell(service, device, &line);
}

void events_device_gone(const Service *service, const Device *device, const char *why)
{
    const LogAbout whom = about(device);
    char user[USERS_TEXT_SIZE];
    EventLine line;

    begin(&line, "gone", device);
    line_write(&line.writer, "why", why);
    tell(service, device, &line);
    log_entry(G_LOG_LEVEL_MESSAGE, &whom, "%s (%s of %s on %s) is deleted: %s", device->ifname,
              device->alias.name, users_text(service->policy, device->alias.owner, user),
              device->alias.network, why);
}

void events_released(const Service *service, const Device *device, uid_t by)
{
    EventLine line;

    begin(&line, "released", device);
    line_write_u64(&line.writer, "by", by);
    tell(service, device, &line);
}

void events_permitted(const Service *service, const Device *device)
{
    gboolean permitted = permits_has(service->permits, device->ifindex);
    const LogAbout whom = about(device);
    char user[USERS_TEXT_SIZE];
    EventLine line;

    begin(&line, "permitted", device);
    line_write(&line.writer, "permitted", permitted ? "yes" : "no");
    tell(service, device, &line);
    log_entry(G_LOG_LEVEL_MESSAGE, &whom, "%s (%s of %s on %s) is %s", device->ifname,
              device->alias.name, users_text(service->policy, device->alias.owner, user),
              device->alias.network,
              permitted ? "permitted again" : "no longer permitted, and stays until it is revoked");
}

void events_claim(const Service *service, const Device *device, const IpAddress *ip,
                  BindingSource source)
{
    EventLine line;

    if (!watchers_any(service->watchers))
        return;
    begin(&line, "claim", device);
    write_ip(&line, ip);
    line_write(&line.writer, "source", binding_source_text(source));
    tell(service, device, &line);
}

void events_bound(const Service *service, const Device *device, const Bound *bound)
{
    const LogAbout whom = about(device);
    char text[IP_TEXT_SIZE];
    EventLine line;

    begin(&line, "bound", device);
    write_bound(bound, &line);
    tell(service, device, &line);
    ip_format(&bound->ip, text);
    log_entry(G_LOG_LEVEL_INFO, &whom, "%s has %s (%s)", device->ifname, text,
              binding_source_text(bound->source));
}

void events_unbound(const Service *service, const Device *device, const IpAddress *ip,
                    const char *reason)
{
    const LogAbout whom = about(device);
    char text[IP_TEXT_SIZE];
    EventLine line;

    begin(&line, "unbound", device);
    write_ip(&line, ip);
    line_write(&line.writer, "reason", reason);
    tell(service, device, &line);
    ip_format(ip, text);
    log_entry(G_LOG_LEVEL_INFO, &whom, "%s no longer has %s (%s)", device->ifname, text, reason);
}

void events_same_mac(const Service *service, const Device *device, const Device *elder,
                     const guint8 mac[static HWADDR_SIZE])
{
    const LogAbout whom = about(device);
    char text[HWADDR_TEXT_SIZE], suggested[HWADDR_TEXT_SIZE];
    EventLine line;

    hwaddr_format(mac, text);
    suggest(service, device, suggested);
    begin(&line, "same-mac", device);
    line_write(&line.writer, "mac", text);
    line_write(&line.writer, "with", elder->ifname);
    line_write(&line.writer, "use-mac", suggested);
    tell(service, device, &line);
    log_entry(
        G_LOG_LEVEL_WARNING, &whom,
        "the guest on %s (%s of uid %u on %s) has the same MAC %s as the one on %s (%s): DHCP "
        "servers take both for one, and both make the same IPv6 addresses; give it another, "
        "as in -device virtio-net-pci,mac=%s",
        device->ifname, device->alias.name, device->alias.owner, device->alias.network, text,
        elder->ifname, elder->alias.name, suggested);
}

void events_refused(const Service *service, Device *device, const IpAddress *ip, ClaimReason reason)
{
    const LogAbout whom = about(device);
    char text[IP_TEXT_SIZE];
    guint64 unlogged;
    EventLine line;

    begin(&line, "refused", device);
    write_ip(&line, ip);
    line_write(&line.writer, "reason", claim_reason_text(reason));
    tell(service, device, &line);
    if (!tally_refuse(&device->tally, reason, g_get_monotonic_time(), &unlogged))
        return;
    ip_format(ip, text);
    log_entry(G_LOG_LEVEL_WARNING, &whom,
              "%s (%s of uid %u on %s) may not have the address %s (%s); %" G_GUINT64_FORMAT
              " more refusals since the last entry",
              device->ifname, device->alias.name, device->alias.owner, device->alias.network, text,
              claim_reason_text(reason), unlogged);
}
