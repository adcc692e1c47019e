/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * A sent message lies in the client's queue until he reads it, even when our side is closed, and
 * nobody can take it back. As long as our side is open SIOCOUTQ tells how much he has not read. So
 * it stays open, shut for writing, until that is nothing.
 *
 * A client who reads and closes is told of by the kernel (POLLHUP), and that is the rule. One who
 * reads and does not close is found by a look now and then, for which a timer runs as long as there
 * are any, or when his owner wants more than he may have.
 */
#include "daemon/inflight.h"

#include "daemon/client-socket.h"
#include "wire/device.h"

#include <glib-unix.h>
#include <linux/sockios.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define LOOK_SECONDS 2

typedef enum {
    PARCEL_SENT,    /* its socket is open until it is read */
    PARCEL_CLOSING, /* the thread has it */
    PARCEL_KINDS,
} ParcelKind;

typedef struct {
    Inflight *inflight;
    ParcelKind kind;
    uid_t owner;
    guint n;
    int socket;
    guint hangup_source;        /* 0: he will say no more, and has not read */
    int fds[DEVICE_QUEUES_MAX]; /* the thread's */
} Parcel;

struct Inflight {
    GPtrArray *parcels; /* owned */
    guint total[PARCEL_KINDS];
    guint total_max;
    guint owner_max;
    guint look_source;
    GThread *thread;
    GAsyncQueue *closing; /* of Parcel; the Inflight itself says that it is to end */
};

static gboolean on_closed(gpointer data)
{
    Parcel *parcel = data;

    g_ptr_array_remove_fast(parcel->inflight->parcels, parcel);
    return G_SOURCE_REMOVE;
}

static gpointer work(gpointer data)
{
    Inflight *inflight = data;
    gpointer order;

    while ((order = g_async_queue_pop(inflight->closing)) != inflight) {
        const Parcel *parcel = order;

        for (guint i = 0; i < parcel->n; i++)
            close(parcel->fds[i]);
        g_idle_add_full(G_PRIORITY_DEFAULT, on_closed, order, NULL);
    }
    return NULL;
}

/* A thread inherits the mask. Signals are for the main loop, which blocks and reads them. */
static void start_thread(Inflight *inflight)
{
    sigset_t all, before;

    sigfillset(&all);
    sigdelset(&all, SIGSYS); /* names a blocked call (sandbox/calls.c) */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    inflight->thread = g_thread_new("close", work, inflight);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void parcel_free(gpointer data)
{
    Parcel *parcel = data;

    parcel->inflight->total[parcel->kind] -= parcel->n;
    if (parcel->hangup_source != 0)
        g_source_remove(parcel->hangup_source);
    if (parcel->kind == PARCEL_SENT)
        client_socket_close(parcel->socket);
    else
        g_idle_remove_by_data(parcel);
    g_free(parcel);
}

Inflight *inflight_new(void)
{
    Inflight *inflight = g_new0(Inflight, 1);
    struct rlimit limit = {0};

    getrlimit(RLIMIT_NOFILE, &limit);
    guint half = (guint)(MIN(limit.rlim_cur, G_MAXINT) / 2);
    inflight->total_max = half / PARCEL_KINDS;
    inflight->owner_max = CLAMP(half / 8, DEVICE_QUEUES_MAX, INFLIGHT_PER_OWNER);
    inflight->parcels = g_ptr_array_new_with_free_func(parcel_free);
    inflight->closing = g_async_queue_new();
    return inflight;
}

void inflight_free(Inflight *inflight)
{
    if (inflight->thread != NULL) {
        g_async_queue_push(inflight->closing, inflight);
        g_thread_join(inflight->thread);
    }
    if (inflight->look_source != 0)
        g_source_remove(inflight->look_source);
    g_ptr_array_unref(inflight->parcels);
    g_async_queue_unref(inflight->closing);
    g_free(inflight);
}

/* A socket that cannot say counts as read: it is no longer one. */
static gboolean is_read(int socket)
{
    int unread = 0;

    return ioctl(socket, SIOCOUTQ, &unread) < 0 || unread == 0;
}

static void look(Inflight *inflight)
{
    for (guint i = inflight->parcels->len; i-- > 0;) {
        const Parcel *parcel = g_ptr_array_index(inflight->parcels, i);

        if (parcel->kind == PARCEL_SENT && is_read(parcel->socket))
            g_ptr_array_remove_index_fast(inflight->parcels, i);
    }
}

static gboolean on_look(gpointer data)
{
    Inflight *inflight = data;

    look(inflight);
    if (inflight->total[PARCEL_SENT] > 0)
        return G_SOURCE_CONTINUE;
    inflight->look_source = 0;
    return G_SOURCE_REMOVE;
}

/* He has closed his socket, and what was in it has gone; or he has shut it and may still read. */
static gboolean on_hangup(gint socket, GIOCondition condition, gpointer data)
{
    Parcel *parcel = data;
    Inflight *inflight = parcel->inflight;

    parcel->hangup_source = 0;
    if (is_read(parcel->socket))
        g_ptr_array_remove_fast(inflight->parcels, parcel);
    if (inflight->total[PARCEL_SENT] == 0 && inflight->look_source != 0) {
        g_source_remove(inflight->look_source);
        inflight->look_source = 0;
    }
    return G_SOURCE_REMOVE;
}

static gboolean fits(const Inflight *inflight, uid_t owner, guint n)
{
    guint own[PARCEL_KINDS] = {0};

    for (guint i = 0; i < inflight->parcels->len; i++) {
        const Parcel *parcel = g_ptr_array_index(inflight->parcels, i);

        if (parcel->owner == owner)
            own[parcel->kind] += parcel->n;
    }
    for (ParcelKind kind = 0; kind < PARCEL_KINDS; kind++)
        if (own[kind] + n > inflight->owner_max ||
            (owner != 0 && inflight->total[kind] + n > inflight->total_max))
            return FALSE;
    return TRUE;
}

gboolean inflight_may(Inflight *inflight, uid_t owner, guint n)
{
    if (fits(inflight, owner, n))
        return TRUE;
    look(inflight);
    return fits(inflight, owner, n);
}

static Parcel *parcel_new(Inflight *inflight, ParcelKind kind, uid_t owner, guint n)
{
    Parcel *parcel = g_new0(Parcel, 1);

    parcel->inflight = inflight;
    parcel->kind = kind;
    parcel->owner = owner;
    parcel->n = n;
    inflight->total[kind] += n;
    g_ptr_array_add(inflight->parcels, parcel);
    return parcel;
}

void inflight_add(Inflight *inflight, uid_t owner, int socket, guint n)
{
    Parcel *parcel = parcel_new(inflight, PARCEL_SENT, owner, n);

    shutdown(socket, SHUT_WR);
    parcel->socket = socket;
    parcel->hangup_source = g_unix_fd_add(socket, G_IO_HUP, on_hangup, parcel);
    if (inflight->look_source == 0)
        inflight->look_source = g_timeout_add_seconds(LOOK_SECONDS, on_look, inflight);
}

static Parcel *closing_new(Inflight *inflight, uid_t owner, const int *fds, guint n)
{
    Parcel *parcel = parcel_new(inflight, PARCEL_CLOSING, owner, n);

    memcpy(parcel->fds, fds, n * sizeof(*fds));
    return parcel;
}

void inflight_close(Inflight *inflight, uid_t owner, int socket, const int *fds, guint n)
{
    /* The common case needs no thread: what has not been read is not the last copy. */
    if (n == 1 && socket >= 0 && !is_read(socket)) {
        close(fds[0]);
        return;
    }
    if (inflight->thread == NULL)
        start_thread(inflight);
    if (socket >= 0) {
        g_async_queue_push_front(inflight->closing, closing_new(inflight, owner, fds, n));
        return;
    }
    /* One by one, so that what was sent meanwhile waits for one at most. */
    for (guint i = 0; i < n; i++)
        g_async_queue_push(inflight->closing, closing_new(inflight, owner, &fds[i], 1));
}
