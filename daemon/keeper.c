/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * A device ends in two steps. Its link is deleted, when its last queue is closed or when somebody
 * wants it gone; and it leaves the registry when nobody holds a queue of it any more. Until then it
 * counts: a user who could release what he still holds could hold without bound.
 *
 * After a start, and after inotify lost events, the truth is asked of /proc/locks: a queue whose
 * node is not locked has no holder. One snapshot can be wrong in both directions: a lock may still
 * be listed for a moment after its close was reported, and one that is held may be missed
 * (locks.h). So a queue is taken for closed when several snapshots in a row, the first a moment
 * after the start, do not have it. In ordinary running the locks are never asked: a close is final.
 */
#include "daemon/keeper.h"

#include "daemon/locks.h"
#include "daemon/log.h"
#include "daemon/node.h"
#include "daemon/reaper.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#define AUDIT_SNAPSHOTS 5
#define AUDIT_EVERY_MS 150
#define RETRY_SECONDS 2 /* until the kernel is asked again to delete a link */

struct Keeper {
    Kernel *kernel;
    Registry *registry;
    Reaper *reaper;
    guint32 next_ifindex;
    guint audit_source; /* 0: none is due */
    guint audits_left;
    GQueue finished; /* ifindexes of devices that nobody holds any more */
    guint finish_source;
    KeeperCallbacks callbacks;
    gpointer data;
};

typedef struct {
    Keeper *keeper;
    const Locks *locks;
} Audit;

static guint64 queue_bit(guint queue)
{
    return G_GUINT64_CONSTANT(1) << queue;
}

/* The first step. */
static gboolean end_link(Keeper *keeper, Device *device, const char *why)
{
    g_autoptr(GError) error = NULL;

    if (device->ended)
        return TRUE;
    if (!device_delete_link(keeper->kernel, device, &error)) {
        log_error("%s could not be deleted: %s; trying again", device->ifname, error->message);
        return FALSE;
    }
    device->ended = TRUE;
    registry_free_name(keeper->registry, device);
    keeper->callbacks.gone(device, why, keeper->data);
    return TRUE;
}

static gboolean on_finish(gpointer data);

static gboolean on_retry(gpointer data)
{
    Keeper *keeper = data;

    keeper->finish_source = g_idle_add_full(G_PRIORITY_LOW, on_finish, keeper, NULL);
    return G_SOURCE_REMOVE;
}

/* Deletes one device, when nothing else is to be done: each deletion waits for RCU in the kernel,
 * and a thousand guests that end at once must not keep a request waiting. */
static gboolean on_finish(gpointer data)
{
    Keeper *keeper = data;
    guint32 ifindex = GPOINTER_TO_UINT(g_queue_pop_head(&keeper->finished));
    Device *device = registry_find(keeper->registry, ifindex);

    if (device != NULL && end_link(keeper, device, "its last holder has closed it")) {
        registry_remove(keeper->registry, device);
    } else if (device != NULL) {
        g_queue_push_tail(&keeper->finished, GUINT_TO_POINTER(ifindex));
        keeper->finish_source = g_timeout_add_seconds(RETRY_SECONDS, on_retry, keeper);
        return G_SOURCE_REMOVE;
    }
    if (!g_queue_is_empty(&keeper->finished))
        return G_SOURCE_CONTINUE;
    keeper->finish_source = 0;
    return G_SOURCE_REMOVE;
}

static void finish(Keeper *keeper, const Device *device)
{
    g_queue_push_tail(&keeper->finished, GUINT_TO_POINTER(device->ifindex));
    if (keeper->finish_source == 0)
        keeper->finish_source = g_idle_add_full(G_PRIORITY_LOW, on_finish, keeper, NULL);
}

static void close_queue(Keeper *keeper, Device *device, guint queue)
{
    device->open_queues &= ~queue_bit(queue);
    node_remove(keeper->kernel->rooms.nodes, device->ifindex, queue);
    if (device->open_queues == 0)
        finish(keeper, device);
}

static void on_closed(guint32 ifindex, guint queue, gpointer data)
{
    Keeper *keeper = data;
    Device *device = registry_find(keeper->registry, ifindex);

    log_trace("queue %u of ifindex %u is closed", queue, ifindex);
    if (device != NULL && (device->open_queues & queue_bit(queue)) != 0)
        close_queue(keeper, device, queue);
}

/* A queue whose node is locked is no suspect. */
static void clear_suspect(const char *name, guint32 ifindex, guint queue, ino_t inode,
                          gpointer data)
{
    const Audit *audit = data;
    Device *device = ifindex == 0 ? NULL : registry_find(audit->keeper->registry, ifindex);

    if (device != NULL && queue < DEVICE_QUEUES_MAX && locks_contain(audit->locks, inode))
        device->suspects &= ~queue_bit(queue);
}

static gboolean take_snapshot(Keeper *keeper, GError **error)
{
    struct stat room;

    if (fstat(keeper->kernel->rooms.nodes, &room) < 0) {
        g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno),
                    "cannot examine the node room: %s", g_strerror(errno));
        return FALSE;
    }
    g_autoptr(Locks) locks = locks_read(keeper->kernel->locks, room.st_dev, error);
    const Audit audit = {keeper, locks};
    return locks != NULL &&
           node_foreach(keeper->kernel->rooms.nodes, clear_suspect, (gpointer)&audit, error);
}

static void close_suspects(Keeper *keeper)
{
    g_autoptr(GPtrArray) devices = registry_list(keeper->registry);

    for (guint i = 0; i < devices->len; i++) {
        Device *device = g_ptr_array_index(devices, i);
        guint64 closed = device->open_queues & device->suspects;

        for (; closed != 0; closed &= closed - 1)
            close_queue(keeper, device, (guint)__builtin_ctzll(closed));
    }
}

static gboolean on_audit(gpointer data)
{
    Keeper *keeper = data;
    g_autoptr(GError) error = NULL;

    if (!take_snapshot(keeper, &error)) {
        /* Whoever cannot be asked is taken to hold what he held. */
        log_warning("%s; asking again", error->message);
        return G_SOURCE_CONTINUE;
    }
    if (--keeper->audits_left > 0)
        return G_SOURCE_CONTINUE;
    close_suspects(keeper);
    keeper->audit_source = 0;
    return G_SOURCE_REMOVE;
}

/* Suspects every queue, and finds out. */
static void start_audit(Keeper *keeper)
{
    g_autoptr(GPtrArray) devices = registry_list(keeper->registry);

    for (guint i = 0; i < devices->len; i++) {
        Device *device = g_ptr_array_index(devices, i);
        device->suspects = device->open_queues;
    }
    keeper->audits_left = AUDIT_SNAPSHOTS;
    if (keeper->audit_source == 0)
        keeper->audit_source = g_timeout_add(AUDIT_EVERY_MS, on_audit, keeper);
}

static void on_overflow(gpointer data)
{
    log_warning("inotify lost events; asking the locks which queues are held");
    start_audit(data);
}

/* A link without our alias was made just before a daemon died. */
static void delete_unfinished(Keeper *keeper, const Link *link)
{
    g_autoptr(GError) error = NULL;
    DeviceType type;

    /* The kernel's own (lo, sit0) are not ours to delete. */
    if (!device_type_parse(link->kind, &type))
        return;
    if (link_delete(keeper->kernel->room, link->ifindex, &error))
        log_notice("the unfinished link %s is deleted", link->name);
    else
        log_warning("cannot delete the unfinished link %s: %s", link->name, error->message);
}

static gboolean restore_links(Keeper *keeper, GError **error)
{
    g_autoptr(GPtrArray) links = link_list(keeper->kernel->room, error);

    for (guint i = 0; links != NULL && i < links->len; i++) {
        const Link *link = g_ptr_array_index(links, i);
        Device *device = device_from_link(link);

        if (device == NULL) {
            delete_unfinished(keeper, link);
            continue;
        }
        registry_add(keeper->registry, device);
        keeper->next_ifindex = MAX(keeper->next_ifindex, device->ifindex + 1);
    }
    return links != NULL;
}

typedef struct {
    Keeper *keeper;
    GError *error; /* the first */
} Restoring;

static void restore_node(const char *name, guint32 ifindex, guint queue, ino_t inode, gpointer data)
{
    Restoring *restoring = data;
    Keeper *keeper = restoring->keeper;
    Device *device = ifindex == 0 ? NULL : registry_find(keeper->registry, ifindex);

    if (device == NULL || queue >= device->alias.queues)
        unlinkat(keeper->kernel->rooms.nodes, name, 0);
    else if (reaper_watch(keeper->reaper, ifindex, queue,
                          restoring->error == NULL ? &restoring->error : NULL))
        device->open_queues |= queue_bit(queue);
}

/* The watches first, then the locks: what is closed in between is seen by one or the other. A
 * daemon that cannot watch refuses to start, and so loses nothing. */
static gboolean restore(Keeper *keeper, GError **error)
{
    Restoring restoring = {.keeper = keeper};

    if (!restore_links(keeper, error) ||
        !node_foreach(keeper->kernel->rooms.nodes, restore_node, &restoring, error))
        return FALSE;
    if (restoring.error != NULL) {
        g_propagate_error(error, restoring.error);
        return FALSE;
    }

    g_autoptr(GPtrArray) devices = registry_list(keeper->registry);
    for (guint i = 0; i < devices->len; i++) {
        const Device *device = g_ptr_array_index(devices, i);
        if (device->open_queues == 0)
            finish(keeper, device);
    }
    if (devices->len > 0) {
        log_notice("%u devices of an earlier run are found", devices->len);
        start_audit(keeper);
    }
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
    if (keeper->finish_source != 0)
        g_source_remove(keeper->finish_source);
    g_queue_clear(&keeper->finished);
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
        for (guint queue = 0; queue < device->alias.queues; queue++) {
            close(fds[queue]);
            node_remove(keeper->kernel->rooms.nodes, device->ifindex, queue);
        }
        device_delete_link(keeper->kernel, device, NULL);
        g_free(device);
        return NULL;
    }
    registry_add(keeper->registry, device);
    keeper->callbacks.made(device, keeper->data);
    return device;
}

void keeper_drop(Keeper *keeper, Device *device, const char *why)
{
    end_link(keeper, device, why);
}

void keeper_lost(Keeper *keeper, guint32 ifindex)
{
    Device *device = registry_find(keeper->registry, ifindex);

    if (device != NULL)
        end_link(keeper, device, "its parent has gone; the guest has no network any more");
}

const Registry *keeper_registry(const Keeper *keeper)
{
    return keeper->registry;
}
