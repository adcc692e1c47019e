/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Subordinate uids. In a user namespace a user can act under every uid of the ranges that
 * /etc/subuid gives to that user. If each of them counted as somebody, `deny user=` and all quotas
 * would be void; so they count as their owner.
 *
 * A range of root's is left out. Root gives such ranges to containers in order not to trust them,
 * and their processes must not count as root here. For the same reason uid 0 is never somebody
 * else's. Only the file is read, not what a name service may know besides (subid in
 * nsswitch.conf(5)).
 */
#include "policy/subuid.h"

#include "policy/place.h"

#include <string.h>

/* `owner:start:count` */
static const char *parse_line(const char *line, const NameSource *names, SubuidRange *range)
{
    g_auto(GStrv) fields = g_strsplit(line, ":", 4);
    guint64 start, count;

    if (g_strv_length(fields) != 3)
        return "is not OWNER:START:COUNT";
    if (!g_ascii_string_to_unsigned(fields[1], 10, 0, G_MAXUINT32 - 1, &start, NULL) ||
        !g_ascii_string_to_unsigned(fields[2], 10, 0, (guint64)G_MAXUINT32 - start, &count, NULL))
        return "has no valid range of uids";
    if (!resolve_user(names, fields[0], &range->owner))
        return "belongs to an unknown user";
    range->start = (uid_t)start;
    range->count = (guint32)count;
    return NULL;
}

void subuid_parse(GArray *ranges, const char *file, const char *text, gsize size,
                  const NameSource *names, GPtrArray *warnings)
{
    PolicyPlace place = {.file = file, .line = 1, .column = 1};

    for (gsize start = 0; start < size; place.line++) {
        const char *newline = memchr(text + start, '\n', size - start);
        gsize length = newline ? (gsize)(newline - (text + start)) : size - start;
        g_autofree char *line = g_strstrip(g_strndup(text + start, length));
        SubuidRange range;
        const char *wrong;

        start += length + 1;
        if (!*line || *line == '#')
            continue;
        wrong = parse_line(line, names, &range);
        if (wrong)
            policy_warn(warnings, &place, "the line %s; it is left out", wrong);
        else if (range.owner != 0)
            g_array_append_val(ranges, range);
    }
}

uid_t subuid_owner(const GArray *ranges, uid_t uid)
{
    if (uid == 0)
        return uid;
    for (guint i = 0; i < ranges->len; i++) {
        const SubuidRange *range = &g_array_index(ranges, SubuidRange, i);

        if (uid >= range->start && uid - range->start < range->count)
            return range->owner;
    }
    return uid;
}
