/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * A device ends in two steps. Its link is deleted, when its last queue is closed or when somebody
 * wants it gone; and it leaves the registry when nobody holds a queue of it any more. Until then it
 * counts: a user who could release what he still holds could hold without bound.
 *
 * Links are deleted by a thread (reclaim.h) in batches. The next batch starts when the main loop
 * has nothing else to do: a request that waits goes first. A stream of requests that never ends
 * puts it off for PATIENCE_MS and no longer, or whoever asks without pause could keep others'
 * devices, and so their quotas, from coming back.
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
#include "daemon/reclaim.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#define AUDIT_SNAPSHOTS 5
#define AUDIT_EVERY_MS 150
#define RETRY_SECONDS 2 /* until the kernel is asked again to delete a link */
/* The link's group says that its device was taken back: to a later daemon, if this one ends before
 * the link does. Not the group of reclaim.c, whose links all go at once. */
#define GROUP_ENDED 0x6f6e7462u
#define PATIENCE_MS 100 /* how long requests may keep a deletion waiting */

struct Keeper {
    Kernel *kernel;
    Registry *registry;
    Reaper *reaper;
    guint32 next_ifindex;
    guint audit_source; /* 0: none is due */
    guint audits_left;
    Reclaim *reclaim;
    GQueue dying;                       /* of Dying, owned: devices whose links are to be deleted */
    GQueue batch;                       /* of Dying, owned: those that are being deleted now */
    guint idle_source, patience_source; /* whichever comes first starts a batch */
    guint retry_source;                 /* while it is set none is started */
    KeeperCallbacks callbacks;
    gpointer data;
};

typedef struct {
    guint32 ifindex;
    char *why;
} Dying;

typedef struct {
    Keeper *keeper;
    const Locks *locks;
} Audit;

static guint64 queue_bit(guint queue)
{
    return G_GUINT64_CONSTANT(1) << queue;
}

static void dying_free(gpointer data)
{
    Dying *dying = data;

    g_free(dying->why);
    g_free(dying);
}

static void clear_source(guint *sourcep)
{
    if (*sourcep != 0)
        g_source_remove(*sourcep);
    *sourcep = 0;
}

/* In the host's netns each goes alone: a group there could be somebody else's too. */
static gboolean joins(const guint32 *ifindexes, guint n, const Dying *next)
{
    return n == 0 || (n < RECLAIM_BATCH_MAX && place_of(ifindexes[0]) == PLACE_TAP_ROOM &&
                      place_of(next->ifindex) == PLACE_TAP_ROOM);
}

static void start_batch(Keeper *keeper)
{
    guint32 ifindexes[RECLAIM_BATCH_MAX];
    guint n = 0;

    clear_source(&keeper->idle_source);
    clear_source(&keeper->patience_source);
    while (!g_queue_is_empty(&keeper->dying) &&
           joins(ifindexes, n, g_queue_peek_head(&keeper->dying))) {
        Dying *dying = g_queue_pop_head(&keeper->dying);

        ifindexes[n++] = dying->ifindex;
        g_queue_push_tail(&keeper->batch, dying);
    }
    g_assert(n > 0);
    log_trace("%u links are being deleted, %u are to follow", n,
              g_queue_get_length(&keeper->dying));
    reclaim_start(keeper->reclaim, kernel_home(keeper->kernel, ifindexes[0])->reclaim, ifindexes,
                  n);
}

static gboolean on_idle(gpointer data)
{
    Keeper *keeper = data;

    keeper->idle_source = 0;
    start_batch(keeper);
    return G_SOURCE_REMOVE;
}

static gboolean on_patience_over(gpointer data)
{
    Keeper *keeper = data;

    keeper->patience_source = 0;
    start_batch(keeper);
    return G_SOURCE_REMOVE;
}

static void schedule_batch(Keeper *keeper)
{
    if (g_queue_is_empty(&keeper->dying) || reclaim_is_busy(keeper->reclaim) ||
        keeper->retry_source != 0 || keeper->idle_source != 0)
        return;
    keeper->idle_source = g_idle_add_full(G_PRIORITY_LOW, on_idle, keeper, NULL);
    keeper->patience_source = g_timeout_add(PATIENCE_MS, on_patience_over, keeper);
}

static gboolean on_retry(gpointer data)
{
    Keeper *keeper = data;

    keeper->retry_source = 0;
    schedule_batch(keeper);
    return G_SOURCE_REMOVE;
}

/* The first step. */
static void end_link(Keeper *keeper, Device *device, const char *why)
{
    Dying *dying;

    if (device->dying || device->deleted)
        return;
    dying = g_new(Dying, 1);
    *dying = (Dying){.ifindex = device->ifindex, .why = g_strdup(why)};
    device->dying = TRUE;
    g_queue_push_tail(&keeper->dying, dying);
    schedule_batch(keeper);
}

/* Between the steps, and the second one when nobody holds the device. */
static void link_is_deleted(Keeper *keeper, Device *device, const char *why)
{
    device->ended = device->deleted = TRUE;
    registry_free_name(keeper->registry, device);
    keeper->callbacks.gone(device, why, keeper->data);
    if (device->open_queues == 0)
        registry_remove(keeper->registry, device);
}

static gboolean is_among(guint32 ifindex, const guint32 *list, guint n)
{
    for (guint i = 0; i < n; i++)
        if (list[i] == ifindex)
            return TRUE;
    return FALSE;
}

static void on_reclaimed(const guint32 *left, guint n_left, const char *why, gpointer data)
{
    Keeper *keeper = data;
    Dying *dying;

    while ((dying = g_queue_pop_head(&keeper->batch)) != NULL) {
        Device *device = registry_find(keeper->registry, dying->ifindex);

        if (is_among(dying->ifindex, left, n_left)) {
            g_queue_push_tail(&keeper->dying, dying);
            continue;
        }
        link_is_deleted(keeper, device, dying->why);
        dying_free(dying);
    }
    if (n_left > 0) {
        log_error("%u links could not be deleted: %s; trying again", n_left, why);
        keeper->retry_source = g_timeout_add_seconds(RETRY_SECONDS, on_retry, keeper);
    }
    schedule_batch(keeper);
}

/* Nobody holds a queue of it any more. */
static void finish(Keeper *keeper, Device *device)
{
    if (device->deleted)
        registry_remove(keeper->registry, device);
    else
        end_link(keeper, device, "its last holder has closed it");
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

/* A link without our alias was made just before a daemon died. In the tap room the kernel's own
 * (lo, sit0) are not ours to delete; in the host's netns nothing is but what has a number of ours.
 */
static void delete_unfinished(Keeper *keeper, const Link *link, Place place)
{
    g_autoptr(GError) error = NULL;
    DeviceType type;

    if (!device_type_parse(link->kind, &type) ||
        (place == PLACE_HOST && (place_of(link->ifindex) != PLACE_HOST || link->alias != NULL)))
        return;
    if (link_delete(keeper->kernel->homes[place].rtnl, link->ifindex, &error))
        log_notice("the unfinished link %s is deleted", link->name);
    else
        log_warning("cannot delete the unfinished link %s: %s", link->name, error->message);
}

static gboolean restore_links(Keeper *keeper, Place place, GError **error)
{
    g_autoptr(GPtrArray) links = link_list(keeper->kernel->homes[place].rtnl, error);

    for (guint i = 0; links != NULL && i < links->len; i++) {
        const Link *link = g_ptr_array_index(links, i);
        Device *device = device_from_link(link, place);

        if (device == NULL) {
            delete_unfinished(keeper, link, place);
            continue;
        }
        device->ended = link->group == GROUP_ENDED || link->group == RECLAIM_GROUP;
        registry_add(keeper->registry, device);
        if (place == PLACE_TAP_ROOM)
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

    if (!restore_links(keeper, PLACE_TAP_ROOM, error) ||
        !restore_links(keeper, PLACE_HOST, error) ||
        !node_foreach(keeper->kernel->rooms.nodes, restore_node, &restoring, error))
        return FALSE;
    if (restoring.error != NULL) {
        g_propagate_error(error, restoring.error);
        return FALSE;
    }

    g_autoptr(GPtrArray) devices = registry_list(keeper->registry);
    for (guint i = 0; i < devices->len; i++) {
        Device *device = g_ptr_array_index(devices, i);
        if (device->ended)
            end_link(keeper, device, "it was taken back before the daemon ended");
        else if (device->open_queues == 0 && place_of(device->ifindex) == PLACE_TAP_ROOM)
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
    keeper->next_ifindex = PLACE_TAP_ROOM_FIRST;
    keeper->reclaim = reclaim_new(on_reclaimed, keeper);
    keeper->reaper = reaper_new(kernel->rooms.nodes_path, &reaper, keeper, error);
    if (keeper->reaper == NULL || !restore(keeper, error))
        return NULL;
    return g_steal_pointer(&keeper);
}

void keeper_free(Keeper *keeper)
{
    clear_source(&keeper->audit_source);
    clear_source(&keeper->idle_source);
    clear_source(&keeper->patience_source);
    clear_source(&keeper->retry_source);
    g_clear_pointer(&keeper->reclaim, reclaim_free);
    g_queue_clear_full(&keeper->dying, dying_free);
    g_queue_clear_full(&keeper->batch, dying_free);
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

void keeper_add(Keeper *keeper, Device *device)
{
    registry_add(keeper->registry, device);
    keeper->callbacks.made(device, keeper->data);
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
    keeper_add(keeper, device);
    return device;
}

void keeper_drop(Keeper *keeper, Device *device, const char *why)
{
    g_autoptr(GError) error = NULL;

    device->ended = TRUE;
    registry_free_name(keeper->registry, device);
    /* One that is dying has no holder, which a later daemon sees too; and it may be in the group of
     * the batch under way, which it must not leave. */
    if (!device->dying && !link_set_group(kernel_home(keeper->kernel, device->ifindex)->rtnl,
                                          device->ifindex, GROUP_ENDED, &error))
        log_debug("%s", error->message); /* its parent has gone, and it too */
    end_link(keeper, device, why);
}

void keeper_lost(Keeper *keeper, guint32 ifindex)
{
    Device *device = registry_find(keeper->registry, ifindex);

    if (device == NULL || device->dying || device->deleted)
        return;
    link_is_deleted(keeper, device,
                    place_of(ifindex) == PLACE_HOST
                        ? "its link has gone, with its parent or by somebody's hand"
                        : KEEPER_PARENT_GONE);
}

const Registry *keeper_registry(const Keeper *keeper)
{
    return keeper->registry;
}
