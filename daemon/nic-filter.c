/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "daemon/nic-filter.h"

#include "daemon/log.h"
#include "netlink/neighbour.h"
#include "netlink/wireless.h"

#include <errno.h>
#include <string.h>

struct NicFilter {
    const Kernel *kernel;
    Translator *translator;
    MacTable *entries;   /* as they are noted in the maps */
    GHashTable *refused; /* set of parents whose driver has said no */
};

NicFilter *nic_filter_new(const Kernel *kernel, Translator *translator)
{
    NicFilter *filter = g_new0(NicFilter, 1);

    filter->kernel = kernel;
    filter->translator = translator;
    filter->entries = mac_table_new();
    filter->refused = g_hash_table_new(g_direct_hash, g_direct_equal);
    return filter;
}

void nic_filter_free(NicFilter *filter)
{
    g_hash_table_unref(filter->refused);
    mac_table_free(filter->entries);
    g_free(filter);
}

gboolean nic_filter_permits(const GPtrArray *links, const MacKey *key, const Link **parentp)
{
    const Link *parent = NULL;

    if (key->mac[0] & 1)
        return FALSE;
    for (guint i = 0; i < links->len; i++) {
        const Link *link = g_ptr_array_index(links, i);

        if (link->hwaddr_size == HWADDR_SIZE && memcmp(link->hwaddr, key->mac, HWADDR_SIZE) == 0)
            return FALSE;
        if (link->ifindex == key->parent)
            parent = link;
    }
    *parentp = parent;
    return parent != NULL && !g_str_equal(parent->kind, "bridge") &&
           !g_str_equal(parent->kind, "dsa");
}

static gboolean is_wanted(const NicFilter *filter, const MacKey *key)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) links = link_list(filter->kernel->host, &error);
    const Link *parent;

    if (links == NULL) {
        log_warning("%s", error->message);
        return FALSE;
    }
    return nic_filter_permits(links, key, &parent) &&
           !wireless_is(filter->kernel->generic, parent->ifindex);
}

static void delete_entry(const NicFilter *filter, const MacKey *key)
{
    g_autoptr(GError) error = NULL;

    if (!neighbour_delete_filter(filter->kernel->host, key->parent, key->mac, &error) &&
        !g_error_matches(error, RTNL_ERROR, ENOENT) && !g_error_matches(error, RTNL_ERROR, ENODEV))
        log_warning("%s", error->message);
}

/* FALSE when it is not there, or not ours. */
static gboolean add_entry(NicFilter *filter, const MacKey *key)
{
    g_autoptr(GError) error = NULL;

    if (neighbour_add_filter(filter->kernel->host, key->parent, key->mac, &error))
        return TRUE;
    if (g_error_matches(error, RTNL_ERROR, EEXIST))
        return FALSE; /* somebody else's, and as good */
    if (g_hash_table_add(filter->refused, GUINT_TO_POINTER(key->parent)))
        log_notice("%s: guests do not hear a DHCP server that ignores the broadcast flag",
                   error->message);
    return FALSE;
}

static void remove_entry(NicFilter *filter, guint32 ifindex)
{
    const MacKey *known = mac_table_find(filter->entries, ifindex);

    if (known == NULL)
        return;
    const MacKey key = *known;
    mac_table_remove(filter->entries, ifindex);
    if (mac_table_first(filter->entries, &key) == 0)
        delete_entry(filter, &key);
}

void nic_filter_follow(NicFilter *filter, const Device *device,
                       const guint8 mac[static HWADDR_SIZE])
{
    const MacKey *known = mac_table_find(filter->entries, device->ifindex);
    MacKey key = {.parent = device->parent};

    memcpy(key.mac, mac, HWADDR_SIZE);
    if ((known != NULL && mac_key_equal(known, &key)) ||
        g_hash_table_contains(filter->refused, GUINT_TO_POINTER(device->parent)))
        return;
    remove_entry(filter, device->ifindex);

    gboolean shared = mac_table_first(filter->entries, &key) != 0;
    gboolean noted = (shared || is_wanted(filter, &key)) &&
                     translator_note_filter(filter->translator, device->ifindex, key.parent, mac);
    if (noted && (shared || add_entry(filter, &key)))
        mac_table_set(filter->entries, device->ifindex, key.parent, mac);
    else
        translator_note_filter(filter->translator, device->ifindex, 0, NULL);
}

void nic_filter_forget(NicFilter *filter, guint32 ifindex)
{
    remove_entry(filter, ifindex);
}

typedef struct {
    NicFilter *filter;
    TranslatorAlive alive;
    gpointer data;
} Restoring;

static void restore_living(guint32 ifindex, guint32 parent, const guint8 mac[static HWADDR_SIZE],
                           gpointer data)
{
    const Restoring *restoring = data;

    if (!restoring->alive(ifindex, restoring->data))
        return;
    mac_table_set(restoring->filter->entries, ifindex, parent, mac);
    /* It may have been noted only. */
    add_entry(restoring->filter, mac_table_find(restoring->filter->entries, ifindex));
}

static void delete_dead(guint32 ifindex, guint32 parent, const guint8 mac[static HWADDR_SIZE],
                        gpointer data)
{
    const Restoring *restoring = data;
    MacKey key = {.parent = parent};

    memcpy(key.mac, mac, HWADDR_SIZE);
    if (!restoring->alive(ifindex, restoring->data) &&
        mac_table_first(restoring->filter->entries, &key) == 0)
        delete_entry(restoring->filter, &key);
}

void nic_filter_restore(NicFilter *filter, TranslatorAlive alive, gpointer data)
{
    Restoring restoring = {filter, alive, data};

    translator_notes(filter->translator, restore_living, &restoring);
    translator_notes(filter->translator, delete_dead, &restoring);
}
