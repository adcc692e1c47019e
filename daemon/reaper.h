/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Knows when a queue's last holder is gone. Closing a tap tells nobody, and rtnetlink is silent;
 * but inotify(7) says IN_CLOSE_WRITE on the node when the last reference to its open file
 * description goes, across fork, exec and SCM_RIGHTS. Each queue has a node of its own, opened
 * once, so that its close is final.
 */
#pragma once

#include <glib.h>

typedef struct Reaper Reaper;

typedef struct {
    void (*closed)(guint32 ifindex, guint queue, gpointer data);
    /* Events were lost: ask the locks which queues are still held. */
    void (*overflow)(gpointer data);
} ReaperCallbacks;

/* Watches nodes of the folder `nodes_path`. The callbacks come from the default main context. */
Reaper *reaper_new(const char *nodes_path, const ReaperCallbacks *callbacks, gpointer data,
                   GError **error);
void reaper_free(Reaper *reaper);

/* Watches the node of one queue, which exists. Its close is reported once, and the watch is gone. A
 * node that is removed unwatches itself. */
gboolean reaper_watch(Reaper *reaper, guint32 ifindex, guint queue, GError **error);
