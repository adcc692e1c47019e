/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Counters and names live in hash tables under text keys. Names of networks and devices hold no
 * slash, so a key cannot be read in two ways.
 */
#include "daemon/registry.h"

struct Registry {
    GHashTable *devices; /* ifindex -> Device, owned */
    GHashTable *names;   /* "uid/network/name" -> Device */
    GHashTable *counts;  /* "uid/network" and "/network" -> number */
};

Registry *registry_new(void)
{
    Registry *registry = g_new0(Registry, 1);

    registry->devices = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free);
    registry->names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    registry->counts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return registry;
}

void registry_free(Registry *registry)
{
    g_hash_table_unref(registry->names);
    g_hash_table_unref(registry->counts);
    g_hash_table_unref(registry->devices);
    g_free(registry);
}

static char *owner_key(uid_t owner, const char *network)
{
    return g_strdup_printf("%u/%s", owner, network);
}

static char *network_key(const char *network)
{
    return g_strdup_printf("/%s", network);
}

static char *name_key(uid_t owner, const char *network, const char *name)
{
    return g_strdup_printf("%u/%s/%s", owner, network, name);
}

/* Takes the key. */
static guint count(const Registry *registry, char *key)
{
    guint number = GPOINTER_TO_UINT(g_hash_table_lookup(registry->counts, key));

    g_free(key);
    return number;
}

/* Takes the key. A count of zero is not kept, so that the table does not grow with all the users
 * who ever had a device. */
static void change_count(Registry *registry, char *key, int change)
{
    guint number = GPOINTER_TO_UINT(g_hash_table_lookup(registry->counts, key)) + (guint)change;

    if (number > 0) {
        g_hash_table_replace(registry->counts, key, GUINT_TO_POINTER(number));
    } else {
        g_hash_table_remove(registry->counts, key);
        g_free(key);
    }
}

static void change_counts(Registry *registry, const Device *device, int change)
{
    change_count(registry, owner_key(device->alias.owner, device->alias.network), change);
    change_count(registry, network_key(device->alias.network), change);
}

void registry_add(Registry *registry, Device *device)
{
    const Alias *alias = &device->alias;

    g_assert(registry_find(registry, device->ifindex) == NULL);
    g_hash_table_insert(registry->devices, GUINT_TO_POINTER(device->ifindex), device);
    if (!device->ended)
        g_hash_table_insert(registry->names, name_key(alias->owner, alias->network, alias->name),
                            device);
    change_counts(registry, device, 1);
}

void registry_free_name(Registry *registry, const Device *device)
{
    const Alias *alias = &device->alias;
    g_autofree char *key = name_key(alias->owner, alias->network, alias->name);

    if (g_hash_table_lookup(registry->names, key) == device)
        g_hash_table_remove(registry->names, key);
}

void registry_remove(Registry *registry, Device *device)
{
    registry_free_name(registry, device);
    change_counts(registry, device, -1);
    g_hash_table_remove(registry->devices, GUINT_TO_POINTER(device->ifindex));
}

Device *registry_find(const Registry *registry, guint32 ifindex)
{
    return g_hash_table_lookup(registry->devices, GUINT_TO_POINTER(ifindex));
}

Device *registry_find_name(const Registry *registry, uid_t owner, const char *network,
                           const char *name)
{
    g_autofree char *key = name_key(owner, network, name);

    return g_hash_table_lookup(registry->names, key);
}

guint registry_size(const Registry *registry)
{
    return g_hash_table_size(registry->devices);
}

guint registry_count_network(const Registry *registry, const char *network)
{
    return count(registry, network_key(network));
}

guint registry_count_owner(const Registry *registry, uid_t owner, const char *network)
{
    return count(registry, owner_key(owner, network));
}

static int compare_ifindex(gconstpointer a, gconstpointer b)
{
    const Device *one = *(Device *const *)a, *other = *(Device *const *)b;

    return one->ifindex < other->ifindex ? -1 : one->ifindex > other->ifindex;
}

GPtrArray *registry_list(const Registry *registry)
{
    GPtrArray *list = g_ptr_array_sized_new(registry_size(registry));
    GHashTableIter iter;
    gpointer device;

    g_hash_table_iter_init(&iter, registry->devices);
    while (g_hash_table_iter_next(&iter, NULL, &device))
        g_ptr_array_add(list, device);
    g_ptr_array_sort(list, compare_ifindex);
    return list;
}
