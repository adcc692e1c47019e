/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "daemon/mac-table.h"

#include <string.h>

struct MacTable {
    GHashTable *keys;  /* ifindex -> MacKey */
    GHashTable *users; /* MacKey -> GArray of ifindex, in the order of their coming */
};

static guint key_hash(gconstpointer data)
{
    const MacKey *key = data;
    guint hash = key->parent;

    for (gsize i = 0; i < HWADDR_SIZE; i++)
        hash = hash * 31 + key->mac[i];
    return hash;
}

gboolean mac_key_equal(gconstpointer a, gconstpointer b)
{
    const MacKey *left = a, *right = b;

    return left->parent == right->parent && memcmp(left->mac, right->mac, HWADDR_SIZE) == 0;
}

MacTable *mac_table_new(void)
{
    MacTable *table = g_new0(MacTable, 1);

    table->keys = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free);
    table->users =
        g_hash_table_new_full(key_hash, mac_key_equal, g_free, (GDestroyNotify)g_array_unref);
    return table;
}

void mac_table_free(MacTable *table)
{
    g_hash_table_unref(table->users);
    g_hash_table_unref(table->keys);
    g_free(table);
}

void mac_table_remove(MacTable *table, guint32 ifindex)
{
    const MacKey *key = mac_table_find(table, ifindex);
    GArray *users = key == NULL ? NULL : g_hash_table_lookup(table->users, key);

    if (users == NULL)
        return;
    for (guint i = 0; i < users->len; i++) {
        if (g_array_index(users, guint32, i) == ifindex) {
            g_array_remove_index(users, i);
            break;
        }
    }
    if (users->len == 0)
        g_hash_table_remove(table->users, key);
    g_hash_table_remove(table->keys, GUINT_TO_POINTER(ifindex));
}

gboolean mac_table_set(MacTable *table, guint32 ifindex, guint32 parent,
                       const guint8 mac[static HWADDR_SIZE])
{
    const MacKey *known = mac_table_find(table, ifindex);
    MacKey key = {.parent = parent};

    memcpy(key.mac, mac, HWADDR_SIZE);
    if (known != NULL && mac_key_equal(known, &key))
        return FALSE;
    mac_table_remove(table, ifindex);

    GArray *users = g_hash_table_lookup(table->users, &key);
    if (users == NULL) {
        users = g_array_new(FALSE, FALSE, sizeof(guint32));
        g_hash_table_insert(table->users, g_memdup2(&key, sizeof(key)), users);
    }
    g_array_append_val(users, ifindex);
    g_hash_table_insert(table->keys, GUINT_TO_POINTER(ifindex), g_memdup2(&key, sizeof(key)));
    return TRUE;
}

const MacKey *mac_table_find(const MacTable *table, guint32 ifindex)
{
    return g_hash_table_lookup(table->keys, GUINT_TO_POINTER(ifindex));
}

guint32 mac_table_first(const MacTable *table, const MacKey *key)
{
    const GArray *users = g_hash_table_lookup(table->users, key);

    return users == NULL ? 0 : g_array_index(users, guint32, 0);
}
