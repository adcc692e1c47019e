/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "ctl/show.h"

#include "ctl/text.h"

#include <string.h>

static char *value_text(JsonObject *status, const char *key)
{
    JsonNode *node = json_object_get_member(status, key);
    const char *string = record_text(status, key, NULL);

    if (string)
        return g_strdup(string);
    if (json_node_get_value_type(node) == G_TYPE_BOOLEAN)
        return g_strdup(json_node_get_boolean(node) ? "yes" : "no");
    if (strcmp(key, "uptime") == 0 || strcmp(key, "policy-age") == 0)
        return text_duration((guint64)json_node_get_int(node));
    return g_strdup_printf("%" G_GINT64_FORMAT, json_node_get_int(node));
}

char *show_status(JsonObject *status)
{
    g_autoptr(GList) keys = json_object_get_members(status);
    GString *text = g_string_new(NULL);
    gsize widest = 0;

    for (const GList *key = keys; key; key = key->next)
        widest = MAX(widest, strlen(key->data));
    for (const GList *key = keys; key; key = key->next) {
        g_autofree char *value = value_text(status, key->data);

        g_string_append_printf(text, "%-*s  %s\n", (int)widest, (const char *)key->data, value);
    }
    return g_string_free(text, FALSE);
}
