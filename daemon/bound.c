/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "daemon/bound.h"

#include "daemon/ip-set.h"

#include <errno.h>
#include <string.h>

/* IFA_PROTO of ours: clear of the kernel's own (linux/if_addr.h) and of what routing daemons use
 * for routes. */
#define PROTOCOL_BASE 0xe0

struct BoundTable {
    const Kernel *kernel;
    GHashTable *by_ip;     /* Bound (parent and ip) -> itself, owned */
    GHashTable *by_device; /* ifindex -> GPtrArray of Bound */
};

static BindingSource source_of(const Address *address)
{
    guint8 source = address->protocol - PROTOCOL_BASE;

    if (address->protocol >= PROTOCOL_BASE && source < SOURCE_N)
        return (BindingSource)source;
    return address->ip.family == AF_INET ? SOURCE_ARP : SOURCE_DAD;
}

static guint key_hash(gconstpointer key)
{
    const Bound *bound = key;

    return ip_hash(&bound->ip) ^ bound->parent * 0x85ebca6bu;
}

static gboolean key_equal(gconstpointer a, gconstpointer b)
{
    const Bound *one = a, *other = b;

    return one->parent == other->parent && ip_equal(&one->ip, &other->ip);
}

static void free_list(gpointer list)
{
    g_ptr_array_unref(list);
}

BoundTable *bound_table_new(const Kernel *kernel)
{
    BoundTable *table = g_new0(BoundTable, 1);

    table->kernel = kernel;
    table->by_ip = g_hash_table_new_full(key_hash, key_equal, g_free, NULL);
    table->by_device = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, free_list);
    return table;
}

void bound_table_free(BoundTable *table)
{
    g_hash_table_unref(table->by_device);
    g_hash_table_unref(table->by_ip);
    g_free(table);
}

guint32 bound_left(const Bound *bound)
{
    if (bound->expires == G_MAXINT64)
        return ADDRESS_FOREVER;
    gint64 left = (bound->expires - g_get_monotonic_time() + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC;
    return (guint32)CLAMP(left, 0, (gint64)ADDRESS_FOREVER - 1);
}

static gint64 expiry(guint32 valid_s)
{
    return valid_s == ADDRESS_FOREVER ? G_MAXINT64
                                      : g_get_monotonic_time() + (gint64)valid_s * G_USEC_PER_SEC;
}

static Bound *find(const BoundTable *table, guint32 parent, const IpAddress *ip)
{
    return g_hash_table_lookup(table->by_ip, &(Bound){.parent = parent, .ip = *ip});
}

const Bound *bound_find(const BoundTable *table, guint32 parent, const IpAddress *ip)
{
    return find(table, parent, ip);
}

static GPtrArray *device_list(const BoundTable *table, guint32 ifindex)
{
    return g_hash_table_lookup(table->by_device, GUINT_TO_POINTER(ifindex));
}

guint bound_count(const BoundTable *table, guint32 ifindex)
{
    const GPtrArray *list = device_list(table, ifindex);

    return list != NULL ? list->len : 0;
}

GPtrArray *bound_list(const BoundTable *table, guint32 ifindex)
{
    GPtrArray *list = device_list(table, ifindex);

    return list != NULL ? g_ptr_array_copy(list, NULL, NULL) : g_ptr_array_new();
}

static void insert(BoundTable *table, const Bound *value)
{
    Bound *bound = g_memdup2(value, sizeof(*value));
    GPtrArray *list = device_list(table, bound->ifindex);

    g_hash_table_add(table->by_ip, bound);
    if (list == NULL) {
        list = g_ptr_array_new();
        g_hash_table_insert(table->by_device, GUINT_TO_POINTER(bound->ifindex), list);
    }
    g_ptr_array_add(list, bound);
}

static void drop(BoundTable *table, Bound *bound)
{
    GPtrArray *list = device_list(table, bound->ifindex);

    g_ptr_array_remove(list, bound);
    if (list->len == 0)
        g_hash_table_remove(table->by_device, GUINT_TO_POINTER(bound->ifindex));
    g_hash_table_remove(table->by_ip, bound);
}

gboolean bound_set(BoundTable *table, guint32 parent, guint32 ifindex, const IpAddress *ip,
                   BindingSource source, guint32 valid_s, GError **error)
{
    Address address = address_binding(ip, ifindex, valid_s);
    Bound *bound = find(table, parent, ip);

    address.protocol = (guint8)(PROTOCOL_BASE + source);
    if (!home_set_address(kernel_home(table->kernel, ifindex), &address, error))
        return FALSE;
    if (bound == NULL) {
        insert(table, &(Bound){*ip, parent, ifindex, source, expiry(valid_s)});
    } else {
        bound->source = source;
        bound->expires = expiry(valid_s);
    }
    return TRUE;
}

gboolean bound_unset(BoundTable *table, guint32 parent, const IpAddress *ip, GError **error)
{
    Bound *bound = find(table, parent, ip);
    g_autoptr(GError) failure = NULL;

    if (bound == NULL)
        return TRUE;
    const Address address = address_binding(ip, bound->ifindex, ADDRESS_FOREVER);
    if (!address_delete(kernel_home(table->kernel, bound->ifindex)->rtnl, &address, &failure) &&
        !g_error_matches(failure, RTNL_ERROR, EADDRNOTAVAIL) &&
        !g_error_matches(failure, RTNL_ERROR, ENODEV)) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    drop(table, bound);
    return TRUE;
}

void bound_restore(BoundTable *table, guint32 parent, const Address *address)
{
    if (find(table, parent, &address->ip) == NULL)
        insert(table, &(Bound){address->ip, parent, address->ifindex, source_of(address),
                               expiry(address->valid_s)});
}

static gboolean kernel_has(const BoundTable *table, const Address *address)
{
    Rtnl *rtnl = kernel_home(table->kernel, address->ifindex)->rtnl;
    g_autoptr(GArray) addresses = address_list(rtnl, address->ifindex, NULL);

    /* When it does not say, nothing is known to have gone. */
    for (guint i = 0; addresses != NULL && i < addresses->len; i++)
        if (ip_equal(&g_array_index(addresses, Address, i).ip, &address->ip))
            return TRUE;
    return addresses == NULL;
}

gboolean bound_expire(BoundTable *table, guint32 parent, const Address *address)
{
    Bound *bound = find(table, parent, &address->ip);

    if (bound == NULL || bound->ifindex != address->ifindex || kernel_has(table, address))
        return FALSE;
    drop(table, bound);
    return TRUE;
}

void bound_forget(BoundTable *table, guint32 ifindex)
{
    const GPtrArray *list;

    while ((list = device_list(table, ifindex)) != NULL)
        drop(table, g_ptr_array_index(list, 0));
}
