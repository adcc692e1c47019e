/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The protocol writes a type where JSON wants it (`queues=2`, `up=yes`), but does not mark it: a
 * device may be called `yes` or `2`. So the type goes by the key, never by the value, and a program
 * that reads our JSON finds the same type under the same key whatever a device is called.
 */
#include "ctl/record.h"

#include "ctl/text.h"

#include <string.h>

typedef enum {
    TYPE_STRING,
    TYPE_NUMBER,
    TYPE_FLAG,     /* yes or no, on or off */
    TYPE_LIST,     /* of strings, separated by commas */
    TYPE_LIFETIME, /* seconds; `forever` is null */
} Type;

/* The first that matches. NULL is any word, or any key. */
static const struct {
    const char *word;
    const char *key;
    Type type;
} types[] = {
    {NULL, "ifname", TYPE_STRING},      {NULL, "network", TYPE_STRING},
    {NULL, "name", TYPE_STRING},        {NULL, "mac", TYPE_STRING},
    {"parent", "addresses", TYPE_LIST}, {"network", "types", TYPE_LIST},
    {"network", "default", TYPE_FLAG},  {"network", "guard", TYPE_FLAG},
    {"network", "static", TYPE_FLAG},   {"network", "host", TYPE_FLAG},
    {"counters", NULL, TYPE_NUMBER},    {"traffic", NULL, TYPE_NUMBER},
    {NULL, "addresses", TYPE_NUMBER},   {NULL, "by", TYPE_NUMBER},
    {NULL, "carrier", TYPE_FLAG},       {NULL, "count", TYPE_NUMBER},
    {NULL, "devices", TYPE_NUMBER},     {NULL, "devices-limit", TYPE_NUMBER},
    {NULL, "ended", TYPE_FLAG},         {NULL, "forbidden", TYPE_NUMBER},
    {NULL, "ifindex", TYPE_NUMBER},     {NULL, "mtu", TYPE_NUMBER},
    {NULL, "networks", TYPE_NUMBER},    {NULL, "open", TYPE_NUMBER},
    {NULL, "owner", TYPE_NUMBER},       {NULL, "peers", TYPE_NUMBER},
    {NULL, "permitted", TYPE_FLAG},     {NULL, "pid", TYPE_NUMBER},
    {NULL, "policy-age", TYPE_NUMBER},  {NULL, "queues", TYPE_NUMBER},
    {NULL, "revoked", TYPE_NUMBER},     {NULL, "rules", TYPE_NUMBER},
    {NULL, "translate", TYPE_FLAG},     {NULL, "up", TYPE_FLAG},
    {NULL, "uptime", TYPE_NUMBER},      {NULL, "valid", TYPE_LIFETIME},
    {NULL, "watchers", TYPE_NUMBER},    {"ok", "new", TYPE_FLAG},
};

static Type type_of(const char *word, const char *key)
{
    for (gsize i = 0; i < G_N_ELEMENTS(types); i++)
        if ((!types[i].word || (word && strcmp(types[i].word, word) == 0)) &&
            (!types[i].key || strcmp(types[i].key, key) == 0))
            return types[i].type;
    return TYPE_STRING;
}

static char *readable(const char *text, RecordReader reader)
{
    return reader == RECORD_FOR_PEOPLE ? text_safe(text) : g_utf8_make_valid(text, -1);
}

static gboolean set_flag(JsonObject *record, const char *key, const char *value)
{
    gboolean yes = strcmp(value, "yes") == 0 || strcmp(value, "on") == 0;

    if (!yes && strcmp(value, "no") != 0 && strcmp(value, "off") != 0)
        return FALSE;
    json_object_set_boolean_member(record, key, yes);
    return TRUE;
}

static gboolean set_number(JsonObject *record, const char *key, const char *value)
{
    guint64 number;

    if (!line_parse_u64(value, &number) || number > G_MAXINT64)
        return FALSE;
    json_object_set_int_member(record, key, (gint64)number);
    return TRUE;
}

static gboolean set_list(JsonObject *record, const char *key, const char *text)
{
    g_auto(GStrv) items = g_strsplit(text, ",", -1);
    JsonArray *list = json_array_new();

    for (char **item = items; *item; item++)
        json_array_add_string_element(list, *item);
    json_object_set_array_member(record, key, list);
    return TRUE;
}

static gboolean set_lifetime(JsonObject *record, const char *key, const char *value)
{
    if (strcmp(value, "forever") != 0)
        return set_number(record, key, value);
    json_object_set_null_member(record, key);
    return TRUE;
}

static gboolean set_typed(JsonObject *record, Type type, const char *key, const char *value)
{
    switch (type) {
    case TYPE_NUMBER:
        return set_number(record, key, value);
    case TYPE_FLAG:
        return set_flag(record, key, value);
    case TYPE_LIST:
        return set_list(record, key, value);
    case TYPE_LIFETIME:
        return set_lifetime(record, key, value);
    case TYPE_STRING:
        break;
    }
    return FALSE;
}

JsonObject *record_new(const Line *line, RecordReader reader)
{
    JsonObject *record = json_object_new();

    for (gsize i = 0; i < line->n_fields; i++) {
        const char *key = line->fields[i].key;
        g_autofree char *value = readable(line->fields[i].value, reader);

        if (!set_typed(record, type_of(line->word, key), key, value))
            json_object_set_string_member(record, key, value);
    }
    return record;
}

/* The member when it is a value of this type. */
static JsonNode *find(JsonObject *record, const char *key, GType type)
{
    JsonNode *node = record ? json_object_get_member(record, key) : NULL;

    return node && JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == type ? node
                                                                                         : NULL;
}

const char *record_text(JsonObject *record, const char *key, const char *fallback)
{
    JsonNode *node = find(record, key, G_TYPE_STRING);

    return node ? json_node_get_string(node) : fallback;
}

gint64 record_number(JsonObject *record, const char *key, gint64 fallback)
{
    JsonNode *node = find(record, key, G_TYPE_INT64);

    return node ? json_node_get_int(node) : fallback;
}

gboolean record_flag(JsonObject *record, const char *key, gboolean fallback)
{
    JsonNode *node = find(record, key, G_TYPE_BOOLEAN);

    return node ? json_node_get_boolean(node) : fallback;
}

char *record_list(JsonObject *record, const char *key, const char *separator)
{
    JsonNode *node = record ? json_object_get_member(record, key) : NULL;
    GString *text = g_string_new(NULL);

    if (node && JSON_NODE_HOLDS_ARRAY(node)) {
        JsonArray *list = json_node_get_array(node);

        for (guint i = 0; i < json_array_get_length(list); i++) {
            if (i > 0)
                g_string_append(text, separator);
            g_string_append(text, json_array_get_string_element(list, i));
        }
    }
    return g_string_free(text, FALSE);
}

/* JSON may hold DEL, the control characters above it and marks of writing direction as they are; in
 * their escaped form they say the same and do nothing to a terminal. They only stand inside
 * strings. */
static char *escape_controls(const char *json)
{
    GString *escaped = g_string_new(NULL);

    for (; *json; json = g_utf8_next_char(json)) {
        gunichar c = g_utf8_get_char(json);

        if (c >= 0x7f && c <= 0xffff && !g_unichar_isprint(c))
            g_string_append_printf(escaped, "\\u%04x", c);
        else
            g_string_append_unichar(escaped, c);
    }
    return g_string_free(escaped, FALSE);
}

char *record_to_json(JsonObject *record, gboolean indented)
{
    g_autoptr(JsonNode) node = json_node_new(JSON_NODE_OBJECT);
    g_autofree char *json = NULL;

    json_node_set_object(node, record);
    json = json_to_string(node, indented);
    return escape_controls(json);
}
