/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Tables for `list`. A network shows only the settings that are not the usual ones: what stands out
 * is what somebody has chosen.
 */
#include "ctl/show.h"

#include "ctl/text.h"

#include <string.h>

#define DROP_PREFIX "drop-"
#define NO_MAC "00:00:00:00:00:00"

static JsonObject *object_at(JsonArray *array, guint index)
{
    return json_array_get_object_element(array, index);
}

static void append_word(GString *text, const char *separator, const char *word)
{
    if (text->len > 0)
        g_string_append(text, separator);
    g_string_append(text, word);
}

char *show_parent_state(JsonObject *parent)
{
    const char *state = record_text(parent, "state", "present");

    if (strcmp(state, "present") != 0)
        return g_strdup(state);
    if (!record_flag(parent, "up", TRUE))
        return g_strdup("down");
    return g_strdup(record_flag(parent, "carrier", TRUE) ? "up" : "no carrier");
}

static char *network_settings(JsonObject *network)
{
    const char *mode = record_text(network, "mode", "bridge");
    const char *mac = record_text(network, "mac", "translate");
    GString *text = g_string_new(NULL);

    if (record_flag(network, "default", FALSE))
        append_word(text, " ", "default");
    if (strcmp(mode, "bridge") != 0)
        g_string_append_printf(text, "%smode=%s", text->len > 0 ? " " : "", mode);
    if (strcmp(mac, "translate") != 0)
        g_string_append_printf(text, "%smac=%s", text->len > 0 ? " " : "", mac);
    if (!record_flag(network, "guard", TRUE))
        append_word(text, " ", "guard=off");
    if (!record_flag(network, "static", TRUE))
        append_word(text, " ", "static=off");
    if (record_flag(network, "host", FALSE))
        append_word(text, " ", "host=on");
    return g_string_free(text, FALSE);
}

static void append_networks(JsonArray *networks, GString *text)
{
    g_autoptr(Table) table = table_new("NETWORK", "PARENT", "DEVICES", "TYPES", "SETTINGS", NULL);

    for (guint i = 0; i < json_array_get_length(networks); i++) {
        JsonObject *network = object_at(networks, i);
        gint64 limit = record_number(network, "devices-limit", -1);
        gint64 held = record_number(network, "devices", 0);
        g_autofree char *devices =
            limit < 0 ? g_strdup_printf("%" G_GINT64_FORMAT, held)
                      : g_strdup_printf("%" G_GINT64_FORMAT " of %" G_GINT64_FORMAT, held, limit);
        g_autofree char *types = record_list(network, "types", ",");
        g_autofree char *settings = network_settings(network);

        table_add(table, record_text(network, "network", "?"), record_text(network, "parent", "?"),
                  devices, types, settings, NULL);
        if (record_text(network, "host-why", NULL))
            table_add_note(table, record_text(network, "host-why", NULL));
    }
    table_append(table, text);
}

static void append_parents(JsonArray *parents, GString *text)
{
    g_autoptr(Table) table = table_new("PARENT", "STATE", "MAC", "MTU", "ADDRESSES", NULL);

    for (guint i = 0; i < json_array_get_length(parents); i++) {
        JsonObject *parent = object_at(parents, i);
        gint64 mtu = record_number(parent, "mtu", -1);
        g_autofree char *size = mtu < 0 ? g_strdup("") : g_strdup_printf("%" G_GINT64_FORMAT, mtu);
        g_autofree char *state = show_parent_state(parent);
        g_autofree char *addresses = record_list(parent, "addresses", " ");

        table_add(table, record_text(parent, "parent", "?"), state,
                  record_text(parent, "hwaddr", ""), size, addresses, NULL);
    }
    if (text->len > 0 && json_array_get_length(parents) > 0)
        g_string_append_c(text, '\n');
    table_append(table, text);
}

char *show_refusals(JsonArray *refusals)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (guint i = 0; refusals && i < json_array_get_length(refusals); i++) {
        JsonObject *entry = object_at(refusals, i);

        g_string_append_printf(text, "%s%s %" G_GINT64_FORMAT,
                               i > 0 ? ", " : "refused: ", record_text(entry, "reason", "?"),
                               record_number(entry, "count", 0));
    }
    return text->len > 0 ? g_strdup(text->str) : NULL;
}

char *show_drops(JsonObject *traffic)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GList) keys = traffic ? json_object_get_members(traffic) : NULL;

    for (const GList *key = keys; key; key = key->next) {
        gint64 count = record_number(traffic, key->data, 0);

        if (!g_str_has_prefix(key->data, DROP_PREFIX) || count == 0)
            continue;
        g_string_append_printf(text, "%s%s %" G_GINT64_FORMAT, text->len > 0 ? ", " : "dropped: ",
                               (const char *)key->data + strlen(DROP_PREFIX), count);
    }
    return text->len > 0 ? g_strdup(text->str) : NULL;
}

char *show_binding(JsonObject *binding)
{
    gint64 valid = record_number(binding, "valid", -1);
    g_autofree char *left = valid < 0 ? NULL : text_duration((guint64)valid);

    return g_strdup_printf("%s %s%s%s", record_text(binding, "address", "?"),
                           record_text(binding, "source", "?"), left ? " " : "", left ? left : "");
}

/* The MAC that the guest uses. Only a device of which translation keeps no count has its own. */
static const char *guest_mac(JsonObject *device, JsonObject *traffic)
{
    const char *mac = record_text(traffic, "mac", NULL);

    if (mac)
        return strcmp(mac, NO_MAC) != 0 ? mac : "-";
    return record_text(device, "hwaddr", "-");
}

static char *owner(JsonObject *device)
{
    const char *user = record_text(device, "user", NULL);

    return user ? g_strdup(user)
                : g_strdup_printf("%" G_GINT64_FORMAT, record_number(device, "owner", -1));
}

gboolean show_is_on_host(JsonObject *device)
{
    return strcmp(record_text(device, "place", ""), "host") == 0;
}

/* How many are held, where that is known, and how many there are. */
static char *queues_text(JsonObject *device)
{
    gint64 all = record_number(device, "queues", 0);

    return show_is_on_host(device) ? g_strdup_printf("?/%" G_GINT64_FORMAT, all)
                                   : g_strdup_printf("%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT,
                                                     record_number(device, "open", 0), all);
}

static void add_notes(Table *table, JsonObject *device, JsonObject *traffic)
{
    const char *same_mac = record_text(device, "same-mac", NULL);
    g_autofree char *refusals = show_refusals(json_object_get_array_member(device, "refusals"));
    g_autofree char *drops = show_drops(traffic);

    if (refusals)
        table_add_note(table, refusals);
    if (drops)
        table_add_note(table, drops);
    if (!record_flag(device, "permitted", TRUE))
        table_add_note(table, "the policy no longer permits it (to take it away: ontapctl revoke)");
    if (show_is_on_host(device))
        table_add_note(table, "in the host's network namespace, until it is released");
    if (record_flag(device, "ended", FALSE))
        table_add_note(table, "released, but somebody still holds it");
    if (same_mac) {
        g_autofree char *note =
            g_strdup_printf("its guest has the same MAC as %s, so neither works "
                            "well: give one another MAC",
                            same_mac);
        table_add_note(table, note);
    }
}

static void add_device(Table *table, JsonObject *device)
{
    JsonObject *traffic = json_object_has_member(device, "traffic")
                              ? json_object_get_object_member(device, "traffic")
                              : NULL;
    JsonArray *bindings = json_object_get_array_member(device, "bindings");
    g_autofree char *user = owner(device);
    g_autofree char *queues = queues_text(device);
    guint n_bindings = json_array_get_length(bindings);
    g_autofree char *first = n_bindings > 0 ? show_binding(object_at(bindings, 0)) : g_strdup("-");

    table_add(table, record_text(device, "ifname", "?"), record_text(device, "network", "?"),
              record_text(device, "name", "?"), user, record_text(device, "type", "?"), queues,
              guest_mac(device, traffic), first, NULL);
    for (guint i = 1; i < n_bindings; i++) {
        g_autofree char *next = show_binding(object_at(bindings, i));

        table_add(table, "", "", "", "", "", "", "", next, NULL);
    }
    add_notes(table, device, traffic);
}

static void append_devices(JsonArray *devices, GString *text)
{
    g_autoptr(Table) table =
        table_new("DEVICE", "NETWORK", "NAME", "OWNER", "TYPE", "QUEUES", "MAC", "ADDRESSES", NULL);

    if (text->len > 0)
        g_string_append_c(text, '\n');
    for (guint i = 0; i < json_array_get_length(devices); i++)
        add_device(table, object_at(devices, i));
    table_append(table, text);
    if (json_array_get_length(devices) == 0)
        g_string_append(text, "no devices\n");
}

char *show_report(const Report *report)
{
    GString *text = g_string_new(NULL);

    append_networks(report_networks(report), text);
    append_parents(report_parents(report), text);
    append_devices(report_devices(report), text);
    return g_string_free(text, FALSE);
}
