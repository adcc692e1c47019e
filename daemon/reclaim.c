/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * One thread and one batch, which belongs to the thread while it works and to the main loop at all
 * other times, so nothing needs a lock: the queue that carries the batch over and the source that
 * carries it back order all accesses.
 *
 * The group is always the same. Nothing but links that are to be deleted is ever put into it, also
 * not by an earlier daemon that died half-way: whatever it holds may go.
 */
#include "daemon/reclaim.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>

typedef struct {
    guint32 ifindexes[RECLAIM_BATCH_MAX];
    guint n; /* 0: the thread is to end */
    Rtnl *rtnl;
    guint n_left;
    GError *error;
} Batch;

struct Reclaim {
    GThread *thread;
    GAsyncQueue *orders; /* of Batch *, always the same one */
    Batch batch;
    gboolean busy; /* the main loop's */
    ReclaimDone done;
    gpointer data;
};

static gboolean on_done(gpointer data)
{
    Reclaim *reclaim = data;
    const Batch batch = reclaim->batch; /* a copy: the callback may start another */
    g_autoptr(GError) error = g_steal_pointer(&reclaim->batch.error);

    reclaim->busy = FALSE;
    reclaim->done(batch.ifindexes, batch.n_left, error != NULL ? error->message : NULL,
                  reclaim->data);
    return G_SOURCE_REMOVE;
}

static gpointer work(gpointer data)
{
    Reclaim *reclaim = data;
    Batch *batch;

    while ((batch = g_async_queue_pop(reclaim->orders))->n > 0) {
        batch->n_left = link_delete_batch(batch->rtnl, batch->ifindexes, batch->n, RECLAIM_GROUP,
                                          &batch->error);
        g_idle_add_full(G_PRIORITY_DEFAULT, on_done, reclaim, NULL);
    }
    return NULL;
}

Reclaim *reclaim_new(ReclaimDone done, gpointer data)
{
    Reclaim *reclaim = g_new0(Reclaim, 1);
    sigset_t all, before;

    reclaim->orders = g_async_queue_new();
    reclaim->done = done;
    reclaim->data = data;
    /* A thread inherits the mask. Signals are for the main loop, which blocks and reads them. */
    sigfillset(&all);
    sigdelset(&all, SIGSYS); /* names a blocked call (sandbox/calls.c) */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    reclaim->thread = g_thread_new("reclaim", work, reclaim);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return reclaim;
}

void reclaim_free(Reclaim *reclaim)
{
    static Batch end;

    g_async_queue_push(reclaim->orders, &end);
    g_thread_join(reclaim->thread);
    g_idle_remove_by_data(reclaim);
    g_clear_error(&reclaim->batch.error);
    g_async_queue_unref(reclaim->orders);
    g_free(reclaim);
}

gboolean reclaim_is_busy(const Reclaim *reclaim)
{
    return reclaim->busy;
}

void reclaim_start(Reclaim *reclaim, Rtnl *rtnl, const guint32 *ifindexes, guint n)
{
    g_assert(!reclaim->busy && n > 0 && n <= RECLAIM_BATCH_MAX);
    memcpy(reclaim->batch.ifindexes, ifindexes, n * sizeof(*ifindexes));
    reclaim->batch.n = n;
    reclaim->batch.rtnl = rtnl;
    reclaim->busy = TRUE;
    g_async_queue_push(reclaim->orders, &reclaim->batch);
}
