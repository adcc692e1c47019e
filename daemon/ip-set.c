/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "daemon/ip-set.h"

#include <string.h>

guint ip_hash(gconstpointer key)
{
    const IpAddress *ip = key;
    guint hash = ip->family;

    for (gsize i = 0; i < sizeof(ip->bytes); i += sizeof(guint32)) {
        guint32 word;

        memcpy(&word, ip->bytes + i, sizeof(word));
        hash = hash * 0x9e3779b1u ^ word;
    }
    return hash;
}

gboolean ip_hash_equal(gconstpointer a, gconstpointer b)
{
    return ip_equal(a, b);
}

GHashTable *ip_set_new(void)
{
    return g_hash_table_new_full(ip_hash, ip_hash_equal, g_free, NULL);
}
