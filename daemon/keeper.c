/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * After a start, and after inotify lost events, the truth is asked of /proc/locks: a queue whose
 * node is not locked has no holder. The kernel reports a close a moment before it releases the
 * lock, so a queue that was closed just before we began to watch can still be listed: the locks are
 * asked once more, a second later. In ordinary running they are never asked: a close is final.
 */
#include "daemon/keeper.h"

#include "daemon/locks.h"
#include "daemon/log.h"
#include "daemon/node.h"
#include "daemon/reaper.h"

#include <unistd.h>

#define AUDIT_AGAIN_SECONDS 1

struct Keeper {
    Kernel *kernel;
    Registry *registry;
    Reaper *reaper;
    guint32 next_ifindex;
    guint audit_source; /* 0: none is due */
    KeeperCallbacks callbacks;
    gpointer data;
};

static guint64 queue_bit(guint queue)
{
    return G_GUINT64_CONSTANT(1) << queue;
}

static void forget(Keeper *keeper, Device *device, const char *why)
{
    g_autoptr(GError) error = NULL;

    if (!device_unmake(keeper->kernel, device, &error))
        log_error("%s could not be deleted: %s", device->ifname, error->message);
    keeper->callbacks.gone(device, why, keeper->data);
    registry_remove(keeper->registry, device);
}

static void close_queue(Keeper *keeper, Device *device, guint queue)
{
    device->open_queues &= ~queue_bit(queue);
    node_remove(keeper->kernel->rooms.nodes, device->ifindex, queue);
    if (device->open_queues == 0)
        forget(keeper, device, "its last holder has closed it");
}

static void on_closed(guint32 ifindex, guint queue, gpointer data)
{
    Keeper *keeper = data;
    Device *device = registry_find(keeper->registry, ifindex);

    log_trace("queue %u of ifindex %u is closed", queue, ifindex);
    if (device != NULL && (device->open_queues & queue_bit(queue)) != 0)
        close_queue(keeper, device, queue);
}

typedef struct {
    Keeper *keeper;
    const Locks *locks;
    GHashTable *held; /* ifindex -> guint64 *: bits of the queues that are locked */
} Audit;

static void audit_node(const char *name, guint32 ifindex, guint queue, dev_t device, ino_t inode,
                       gpointer data)
{
    Audit *audit = data;

    if (ifindex == 0 || queue >= DEVICE_QUEUES_MAX || !locks_contain(audit->locks, device, inode))
        return;
    guint64 *bits = g_hash_table_lookup(audit->held, GUINT_TO_POINTER(ifindex));
    if (bits == NULL) {
        bits = g_new0(guint64, 1);
        g_hash_table_insert(audit->held, GUINT_TO_POINTER(ifindex), bits);
    }
    *bits |= queue_bit(queue);
}

/* Closes every queue that we take for open and nobody holds. */
static gboolean audit_locks(Keeper *keeper, GError **error)
{
    g_autoptr(Locks) locks = locks_read(keeper->kernel->locks, error);
    g_autoptr(GHashTable) held = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free);
    Audit audit = {keeper, locks, held};

    if (locks == NULL || !node_foreach(keeper->kernel->rooms.nodes, audit_node, &audit, error))
        return FALSE;

    g_autoptr(GPtrArray) devices = registry_list(keeper->registry);
    for (guint i = 0; i < devices->len; i++) {
        Device *device = g_ptr_array_index(devices, i);
        const guint64 *bits = g_hash_table_lookup(held, GUINT_TO_POINTER(device->ifindex));
        guint64 closed = device->open_queues & ~(bits != NULL ? *bits : 0);

        for (; closed != 0; closed &= closed - 1)
            close_queue(keeper, device, (guint)__builtin_ctzll(closed));
    }
    return TRUE;
}

static gboolean audit_again(gpointer data)
{
    Keeper *keeper = data;
    g_autoptr(GError) error = NULL;

    keeper->audit_source = 0;
    if (!audit_locks(keeper, &error))
        log_error("%s; devices that nobody holds may remain", error->message);
    return G_SOURCE_REMOVE;
}

static gboolean audit_twice(Keeper *keeper, GError **error)
{
    if (keeper->audit_source == 0)
        keeper->audit_source = g_timeout_add_seconds(AUDIT_AGAIN_SECONDS, audit_again, keeper);
    return audit_locks(keeper, error);
}

static void on_overflow(gpointer data)
{
    g_autoptr(GError) error = NULL;

    log_warning("inotify lost events; asking the locks which queues are held");
    if (!audit_twice(data, &error))
        log_error("%s; devices that nobody holds may remain", error->message);
}

/* A link that is none of ours cannot come from anybody: it was made just before a daemon died. */
static gboolean restore_links(Keeper *keeper, GError **error)
{
    g_autoptr(GPtrArray) links = link_list(keeper->kernel->room, error);

    for (guint i = 0; links != NULL && i < links->len; i++) {
        const Link *link = g_ptr_array_index(links, i);
        if (link->flags & IFF_LOOPBACK)
            continue;
        Device *device = device_from_link(link);
        if (device != NULL) {
            registry_add(keeper->registry, device);
            keeper->next_ifindex = MAX(keeper->next_ifindex, device->ifindex + 1);
            continue;
        }
        g_autoptr(GError) failure = NULL;
        if (!link_delete(keeper->kernel->room, link->ifindex, &failure))
            log_warning("cannot delete the unfinished link %s: %s", link->name, failure->message);
        else
            log_notice("the unfinished link %s is deleted", link->name);
    }
    return links != NULL;
}

static void restore_node(const char *name, guint32 ifindex, guint queue, dev_t number, ino_t inode,
                         gpointer data)
{
    Keeper *keeper = data;
    g_autoptr(GError) error = NULL;
    Device *device = ifindex == 0 ? NULL : registry_find(keeper->registry, ifindex);

    if (device == NULL || queue >= device->alias.queues)
        unlinkat(keeper->kernel->rooms.nodes, name, 0);
    else if (reaper_watch(keeper->reaper, ifindex, queue, &error))
        device->open_queues |= queue_bit(queue);
    else
        log_error("%s; it will not be noticed when %s is closed", error->message, device->ifname);
}

/* The watches first, then the locks: what is closed in between is seen by one or the other. */
static gboolean restore(Keeper *keeper, GError **error)
{
    if (!restore_links(keeper, error) ||
        !node_foreach(keeper->kernel->rooms.nodes, restore_node, keeper, error))
        return FALSE;

    g_autoptr(GPtrArray) devices = registry_list(keeper->registry);
    for (guint i = 0; i < devices->len; i++) {
        Device *device = g_ptr_array_index(devices, i);
        if (device->open_queues == 0)
            forget(keeper, device, "it has no queue");
    }
    if (registry_size(keeper->registry) > 0 && !audit_twice(keeper, error))
        return FALSE;
    if (registry_size(keeper->registry) > 0)
        log_notice("%u devices of an earlier run go on", registry_size(keeper->registry));
    return TRUE;
}

Keeper *keeper_new(Kernel *kernel, const KeeperCallbacks *callbacks, gpointer data, GError **error)
{
    static const ReaperCallbacks reaper = {.closed = on_closed, .overflow = on_overflow};
    g_autoptr(Keeper) keeper = g_new0(Keeper, 1);

    keeper->kernel = kernel;
    keeper->callbacks = *callbacks;
    keeper->data = data;
    keeper->registry = registry_new();
    keeper->next_ifindex = DEVICE_IFINDEX_FIRST;
    keeper->reaper = reaper_new(kernel->rooms.nodes_path, &reaper, keeper, error);
    if (keeper->reaper == NULL || !restore(keeper, error))
        return NULL;
    return g_steal_pointer(&keeper);
}

void keeper_free(Keeper *keeper)
{
    if (keeper->audit_source != 0)
        g_source_remove(keeper->audit_source);
    g_clear_pointer(&keeper->reaper, reaper_free);
    g_clear_pointer(&keeper->registry, registry_free);
    g_free(keeper);
}

static gboolean watch_queues(Keeper *keeper, const Device *device, GError **error)
{
    for (guint queue = 0; queue < device->alias.queues; queue++)
        if (!reaper_watch(keeper->reaper, device->ifindex, queue, error))
            return FALSE;
    return TRUE;
}

Device *keeper_make(Keeper *keeper, const DeviceSpec *spec, int *fds, GError **error)
{
    Device *device = device_make(keeper->kernel, spec, &keeper->next_ifindex, fds, error);

    if (device == NULL)
        return NULL;
    if (!watch_queues(keeper, device, error)) {
        for (guint queue = 0; queue < device->alias.queues; queue++)
            close(fds[queue]);
        device_unmake(keeper->kernel, device, NULL);
        g_free(device);
        return NULL;
    }
    registry_add(keeper->registry, device);
    keeper->callbacks.made(device, keeper->data);
    return device;
}

void keeper_drop(Keeper *keeper, Device *device, const char *why)
{
    forget(keeper, device, why);
}

void keeper_lost(Keeper *keeper, guint32 ifindex)
{
    Device *device = registry_find(keeper->registry, ifindex);

    /* Those that we delete have left the registry before we are told. */
    if (device != NULL)
        forget(keeper, device, "its parent has gone; the guest has no network any more");
}

const Registry *keeper_registry(const Keeper *keeper)
{
    return keeper->registry;
}
