/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Only root can write an alias in the tap room, but an older or newer ontapd may have: everything
 * is checked as if it came from outside, and keys of a later version are ignored.
 */
#include "daemon/alias.h"

#include "wire/line.h"

#include <string.h>

#define ALIAS_VERSION "1"

void alias_format(const Alias *alias, char text[static ALIAS_SIZE])
{
    LineWriter writer;

    line_writer_init(&writer, text, ALIAS_SIZE);
    line_write(&writer, "v", ALIAS_VERSION);
    line_write_u64(&writer, "owner", alias->owner);
    line_write(&writer, "network", alias->network);
    line_write(&writer, "name", alias->name);
    line_write_u64(&writer, "queues", alias->queues);
    line_write_u64(&writer, "addresses", alias->addresses);
    line_write(&writer, "mac", alias->translate ? "translate" : "parent");
    line_write(&writer, "guard", alias->guard ? "on" : "off");
    if (alias->place == PLACE_HOST) {
        line_write(&writer, "place", PLACE_HOST_TEXT);
        line_write_u64(&writer, "made", alias->made);
    }
    g_assert(!writer.failed);
}

static gboolean read_number(const Line *line, const char *key, guint64 max, guint *valuep)
{
    const char *text = line_get(line, key);
    uint64_t value;

    if (text == NULL || !line_parse_u64(text, &value) || value > max)
        return FALSE;
    *valuep = (guint)value;
    return TRUE;
}

static gboolean read_name(const Line *line, const char *key, char name[static DEVICE_NAME_MAX + 1])
{
    const char *text = line_get(line, key);

    if (text == NULL || !device_name_valid(text))
        return FALSE;
    g_strlcpy(name, text, DEVICE_NAME_MAX + 1);
    return TRUE;
}

gboolean alias_parse(Alias *alias, const char *text)
{
    Line line;

    if (line_parse(&line, text, strlen(text)) != LINE_OK || line.word != NULL || line.n_fields == 0)
        return FALSE;
    if (g_strcmp0(line_get(&line, "v"), ALIAS_VERSION) != 0)
        return FALSE;
    const char *made = line_get(&line, "made");
    *alias = (Alias){
        .translate = g_strcmp0(line_get(&line, "mac"), "translate") == 0,
        .guard = g_strcmp0(line_get(&line, "guard"), "on") == 0,
        .place =
            g_strcmp0(line_get(&line, "place"), PLACE_HOST_TEXT) == 0 ? PLACE_HOST : PLACE_TAP_ROOM,
    };
    if (alias->place == PLACE_HOST && (made == NULL || !line_parse_u64(made, &alias->made)))
        return FALSE;
    return read_number(&line, "owner", G_MAXUINT32 - 1, &alias->owner) &&
           read_name(&line, "network", alias->network) && read_name(&line, "name", alias->name) &&
           read_number(&line, "queues", DEVICE_QUEUES_MAX, &alias->queues) && alias->queues > 0 &&
           read_number(&line, "addresses", G_MAXUINT16, &alias->addresses);
}
