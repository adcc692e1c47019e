/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "daemon/same-mac.h"

#include "daemon/events.h"
#include "daemon/mac-table.h"

struct SameMac {
    Service *service;
    MacTable *users;
    GHashTable *told; /* set of Pair: each is told of once */
};

/* The younger device and the elder, by ifindex. As one number it is its own hash key. */
typedef gint64 Pair;

static Pair pair_of(guint32 younger, guint32 elder)
{
    return (Pair)((guint64)younger << 32 | elder);
}

SameMac *same_mac_new(Service *service)
{
    SameMac *same = g_new0(SameMac, 1);

    same->service = service;
    same->users = mac_table_new();
    same->told = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    return same;
}

void same_mac_free(SameMac *same)
{
    g_hash_table_unref(same->told);
    mac_table_free(same->users);
    g_free(same);
}

const Device *same_mac_elder(const SameMac *same, const Device *device)
{
    const MacKey *key = mac_table_find(same->users, device->ifindex);
    guint32 elder = key == NULL ? 0 : mac_table_first(same->users, key);

    if (elder == 0 || elder == device->ifindex)
        return NULL;
    return registry_find(keeper_registry(same->service->keeper), elder);
}

static void tell_once(SameMac *same, const Device *device, const guint8 mac[static HWADDR_SIZE])
{
    const Device *elder = same_mac_elder(same, device);

    if (elder == NULL)
        return;
    Pair pair = pair_of(device->ifindex, elder->ifindex);
    if (g_hash_table_add(same->told, g_memdup2(&pair, sizeof(pair))))
        events_same_mac(same->service, device, elder, mac);
}

void same_mac_note(SameMac *same, const Device *device, const guint8 mac[static HWADDR_SIZE])
{
    if (mac_table_set(same->users, device->ifindex, device->parent, mac))
        tell_once(same, device, mac);
}

static gboolean names(gpointer key, gpointer value, gpointer data)
{
    guint64 pair = (guint64) * (const Pair *)key;
    guint32 ifindex = GPOINTER_TO_UINT(data);

    return (guint32)pair == ifindex || (guint32)(pair >> 32) == ifindex;
}

void same_mac_forget(SameMac *same, guint32 ifindex)
{
    mac_table_remove(same->users, ifindex);
    g_hash_table_foreach_remove(same->told, names, GUINT_TO_POINTER(ifindex));
}
