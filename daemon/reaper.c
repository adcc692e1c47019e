/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "daemon/reaper.h"

#include "daemon/log.h"
#include "daemon/node.h"

#include <errno.h>
#include <glib-unix.h>
#include <sys/inotify.h>
#include <unistd.h>

typedef struct {
    guint32 ifindex;
    guint queue;
} Watch;

struct Reaper {
    int fd;
    guint source;
    char *nodes_path;
    GHashTable *watches; /* wd -> Watch; the kernel does not use a wd twice */
    ReaperCallbacks callbacks;
    gpointer data;
};

static void handle_event(Reaper *reaper, const struct inotify_event *event)
{
    gpointer key = GINT_TO_POINTER(event->wd);

    if (event->mask & IN_Q_OVERFLOW) {
        reaper->callbacks.overflow(reaper->data);
        return;
    }
    if (event->mask & IN_CLOSE_WRITE) {
        const Watch *watch = g_hash_table_lookup(reaper->watches, key);
        if (watch != NULL)
            reaper->callbacks.closed(watch->ifindex, watch->queue, reaper->data);
    }
    /* Follows the one event of a watch, and the removal of its node. */
    if (event->mask & IN_IGNORED)
        g_hash_table_remove(reaper->watches, key);
}

static gboolean handle_events(gint fd, GIOCondition condition, gpointer data)
{
    Reaper *reaper = data;
    _Alignas(struct inotify_event) char buffer[4096];
    ssize_t size = read(fd, buffer, sizeof(buffer));

    if (size < 0 && errno != EAGAIN && errno != EINTR)
        log_error("cannot read inotify events: %s", g_strerror(errno));
    for (ssize_t at = 0; at < size;) {
        const struct inotify_event *event = (const void *)(buffer + at);

        handle_event(reaper, event);
        at += (ssize_t)(sizeof(*event) + event->len);
    }
    return G_SOURCE_CONTINUE;
}

Reaper *reaper_new(const char *nodes_path, const ReaperCallbacks *callbacks, gpointer data,
                   GError **error)
{
    int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

    if (fd < 0) {
        g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno), "cannot use inotify: %s",
                    g_strerror(errno));
        return NULL;
    }
    Reaper *reaper = g_new0(Reaper, 1);
    reaper->fd = fd;
    reaper->nodes_path = g_strdup(nodes_path);
    reaper->watches = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free);
    reaper->callbacks = *callbacks;
    reaper->data = data;
    reaper->source = g_unix_fd_add(fd, G_IO_IN, handle_events, reaper);
    return reaper;
}

void reaper_free(Reaper *reaper)
{
    g_source_remove(reaper->source);
    close(reaper->fd);
    g_hash_table_unref(reaper->watches);
    g_free(reaper->nodes_path);
    g_free(reaper);
}

gboolean reaper_watch(Reaper *reaper, guint32 ifindex, guint queue, GError **error)
{
    char name[NODE_NAME_SIZE];

    node_name(ifindex, queue, name);
    g_autofree char *path = g_build_filename(reaper->nodes_path, name, NULL);
    int wd = inotify_add_watch(reaper->fd, path, IN_CLOSE_WRITE | IN_ONESHOT | IN_DONT_FOLLOW);
    if (wd < 0) {
        g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno), "cannot watch %s: %s%s",
                    path, g_strerror(errno),
                    errno == ENOSPC ? " (raise the sysctl fs.inotify.max_user_watches)" : "");
        return FALSE;
    }
    Watch *watch = g_new(Watch, 1);
    *watch = (Watch){ifindex, queue};
    g_hash_table_replace(reaper->watches, GINT_TO_POINTER(wd), watch);
    return TRUE;
}
