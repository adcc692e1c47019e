/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "ctl/report.h"

#include <string.h>

struct Report {
    JsonObject *whole;
    GHashTable *devices; /* ifname → JsonObject, which `whole` holds */
};

/* What stands inside a device: under which name, and whether there may be several. */
static const struct {
    const char *word;
    const char *member;
    gboolean several;
} parts[] = {
    {"binding", "bindings", TRUE},
    {"refusals", "refusals", TRUE},
    {"traffic", "traffic", FALSE},
    {"counters", "counters", FALSE},
};

static JsonArray *add_array(JsonObject *object, const char *member)
{
    JsonArray *array = json_array_new();

    json_object_set_array_member(object, member, array);
    return array;
}

Report *report_new(void)
{
    Report *report = g_new0(Report, 1);

    report->whole = json_object_new();
    report->devices = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    add_array(report->whole, "networks");
    add_array(report->whole, "parents");
    add_array(report->whole, "devices");
    return report;
}

void report_free(Report *report)
{
    g_hash_table_unref(report->devices);
    json_object_unref(report->whole);
    g_free(report);
}

static void add_device(Report *report, JsonObject *device)
{
    for (gsize i = 0; i < G_N_ELEMENTS(parts); i++)
        if (parts[i].several)
            add_array(device, parts[i].member);
        else if (json_object_has_member(device, parts[i].member))
            json_object_remove_member(device, parts[i].member); /* a field of that name */
    if (record_text(device, "ifname", NULL))
        g_hash_table_replace(report->devices, g_strdup(record_text(device, "ifname", "")), device);
    json_array_add_object_element(report_devices(report), device);
}

/* False when there is no such part, or no such device. */
static gboolean add_part(Report *report, const char *word, JsonObject *record)
{
    JsonObject *device = g_hash_table_lookup(report->devices, record_text(record, "ifname", ""));

    for (gsize i = 0; device && i < G_N_ELEMENTS(parts); i++) {
        if (strcmp(parts[i].word, word) != 0)
            continue;
        json_object_remove_member(record, "ifname");
        json_object_remove_member(record, "network");
        json_object_remove_member(record, "name");
        if (parts[i].several)
            json_array_add_object_element(json_object_get_array_member(device, parts[i].member),
                                          record);
        else
            json_object_set_object_member(device, parts[i].member, record);
        return TRUE;
    }
    return FALSE;
}

static void add_other(Report *report, const char *word, JsonObject *record)
{
    JsonArray *other = json_object_has_member(report->whole, "other")
                           ? json_object_get_array_member(report->whole, "other")
                           : add_array(report->whole, "other");

    json_object_set_string_member(record, "event", word);
    json_array_add_object_element(other, record);
}

void report_add(Report *report, const char *word, JsonObject *record)
{
    if (strcmp(word, "network") == 0)
        json_array_add_object_element(report_networks(report), record);
    else if (strcmp(word, "parent") == 0)
        json_array_add_object_element(report_parents(report), record);
    else if (strcmp(word, "device") == 0)
        add_device(report, record);
    else if (!add_part(report, word, record))
        add_other(report, word, record);
}

JsonArray *report_networks(const Report *report)
{
    return json_object_get_array_member(report->whole, "networks");
}

JsonArray *report_parents(const Report *report)
{
    return json_object_get_array_member(report->whole, "parents");
}

JsonArray *report_devices(const Report *report)
{
    return json_object_get_array_member(report->whole, "devices");
}

JsonObject *report_whole(const Report *report)
{
    return report->whole;
}
