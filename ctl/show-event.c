/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Lines for `watch`: the word, the device, what happened to it. One table of functions, by word; a
 * word that is not in it is shown with its fields as they came, since a later daemon may know more.
 */
#include "ctl/show.h"

#include "ctl/text.h"

#include <string.h>

typedef void (*Describe)(JsonObject *record, GString *text);

static void describe_network(JsonObject *record, GString *text)
{
    gint64 limit = record_number(record, "devices-limit", -1);
    g_autofree char *types = record_list(record, "types", ",");

    g_string_append_printf(text, "%s on %s: %s, %" G_GINT64_FORMAT,
                           record_text(record, "network", "?"), record_text(record, "parent", "?"),
                           types, record_number(record, "devices", 0));
    if (limit >= 0)
        g_string_append_printf(text, " of %" G_GINT64_FORMAT, limit);
    g_string_append(text, " devices");
    if (record_flag(record, "default", FALSE))
        g_string_append(text, ", default");
}

static void describe_network_gone(JsonObject *record, GString *text)
{
    g_string_append(text, record_text(record, "network", "?"));
}

static void describe_parent(JsonObject *record, GString *text)
{
    g_autofree char *state = show_parent_state(record);
    g_autofree char *addresses = record_list(record, "addresses", " ");
    const char *hwaddr = record_text(record, "hwaddr", NULL);
    gint64 mtu = record_number(record, "mtu", -1);

    g_string_append_printf(text, "%s is %s", record_text(record, "parent", "?"), state);
    if (hwaddr)
        g_string_append_printf(text, ", %s", hwaddr);
    if (mtu >= 0)
        g_string_append_printf(text, ", mtu %" G_GINT64_FORMAT, mtu);
    if (*addresses)
        g_string_append_printf(text, ", %s", addresses);
}

/* Whom all others are about. */
static void append_device(JsonObject *record, GString *text)
{
    g_string_append_printf(text, "%s  %s on %s", record_text(record, "ifname", "?"),
                           record_text(record, "name", "?"), record_text(record, "network", "?"));
}

static void describe_device(JsonObject *record, GString *text)
{
    const char *same_mac = record_text(record, "same-mac", NULL);

    append_device(record, text);
    g_string_append_printf(text, " for %s: %s, ", record_text(record, "user", "?"),
                           record_text(record, "type", "?"));
    if (show_is_on_host(record))
        g_string_append_printf(text, "%" G_GINT64_FORMAT " queues, in the host's network namespace",
                               record_number(record, "queues", 0));
    else
        g_string_append_printf(text, "%" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " queues open",
                               record_number(record, "open", 0),
                               record_number(record, "queues", 0));
    if (!record_flag(record, "permitted", TRUE))
        g_string_append(text, ", no longer permitted");
    if (record_flag(record, "ended", FALSE))
        g_string_append(text, ", released");
    if (same_mac)
        g_string_append_printf(text, ", same MAC as %s", same_mac);
}

static void describe_gone(JsonObject *record, GString *text)
{
    append_device(record, text);
    g_string_append_printf(text, ": %s", record_text(record, "why", "?"));
}

static void describe_bound(JsonObject *record, GString *text)
{
    g_autofree char *binding = show_binding(record);

    append_device(record, text);
    g_string_append_printf(text, ": %s", binding);
}

static void describe_address(JsonObject *record, GString *text)
{
    append_device(record, text);
    g_string_append_printf(text, ": %s (%s)", record_text(record, "address", "?"),
                           record_text(record, "reason", "?"));
}

static void describe_claim(JsonObject *record, GString *text)
{
    append_device(record, text);
    g_string_append_printf(text, ": asks for %s (%s)", record_text(record, "address", "?"),
                           record_text(record, "source", "?"));
}

static void describe_traffic(JsonObject *record, GString *text)
{
    g_autofree char *drops = show_drops(record);

    append_device(record, text);
    g_string_append_printf(
        text, ": %s, frames %" G_GINT64_FORMAT " out, %" G_GINT64_FORMAT " in%s%s",
        record_text(record, "mac", "?"), record_number(record, "frames-out", 0),
        record_number(record, "frames-in", 0), drops ? "; " : "", drops ? drops : "");
}

static void describe_refusals(JsonObject *record, GString *text)
{
    append_device(record, text);
    g_string_append_printf(text, ": %s %" G_GINT64_FORMAT, record_text(record, "reason", "?"),
                           record_number(record, "count", 0));
}

static void describe_released(JsonObject *record, GString *text)
{
    append_device(record, text);
    g_string_append_printf(text, ": by uid %" G_GINT64_FORMAT, record_number(record, "by", -1));
}

static void describe_permitted(JsonObject *record, GString *text)
{
    append_device(record, text);
    g_string_append(text, record_flag(record, "permitted", FALSE)
                              ? ": the policy permits it again"
                              : ": the policy no longer permits it");
}

static void describe_same_mac(JsonObject *record, GString *text)
{
    append_device(record, text);
    g_string_append_printf(text, ": its guest's MAC %s is also that of %s",
                           record_text(record, "mac", "?"), record_text(record, "with", "?"));
}

static void describe_ready(JsonObject *record, GString *text)
{
    g_string_append(text, "this is the present state; what follows is news");
}

static const struct {
    const char *word;
    Describe describe; /* NULL: nothing for people */
} events[] = {
    {"network", describe_network},   {"network-gone", describe_network_gone},
    {"parent", describe_parent},     {"device", describe_device},
    {"made", describe_device},       {"gone", describe_gone},
    {"binding", describe_bound},     {"bound", describe_bound},
    {"unbound", describe_address},   {"refused", describe_address},
    {"claim", describe_claim},       {"traffic", describe_traffic},
    {"refusals", describe_refusals}, {"counters", NULL},
    {"released", describe_released}, {"permitted", describe_permitted},
    {"same-mac", describe_same_mac}, {"ready", describe_ready},
};

static void describe_unknown(JsonObject *record, GString *text)
{
    g_autofree char *json = record_to_json(record, FALSE);

    g_string_append(text, json);
}

char *show_event(const char *word, JsonObject *record)
{
    Describe describe = describe_unknown;
    GString *text;

    for (gsize i = 0; i < G_N_ELEMENTS(events); i++)
        if (strcmp(events[i].word, word) == 0)
            describe = events[i].describe;
    if (!describe)
        return NULL;
    text = g_string_new(NULL);
    g_string_append_printf(text, "%-12s  ", word);
    describe(record, text);
    g_string_append_c(text, '\n');
    return g_string_free(text, FALSE);
}
