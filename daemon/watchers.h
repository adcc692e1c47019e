/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Who is told what happens, line by line, until he leaves: the requests `watch`. A watcher that
 * does not read is dropped when its bounded buffer is full; nobody waits for it.
 */
#pragma once

#include "daemon/credentials.h"

#define WATCHERS_TOTAL 64
#define WATCHERS_PER_UID 8

typedef struct Watchers Watchers;
typedef struct Watcher Watcher;

/* Takes one line with its newline. May remove the watcher that it is called for. */
typedef void (*WatcherFunc)(const char *line, gsize size, gpointer data);

Watchers *watchers_new(void);
void watchers_free(Watchers *watchers);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Watchers, watchers_free)

/* `owner` hears of his own devices, root of all. The credentials are the caller's and outlive the
 * watcher. NULL when there are too many. */
Watcher *watchers_add(Watchers *watchers, uid_t owner, const Credentials *credentials,
                      WatcherFunc func, gpointer data);
void watchers_remove(Watchers *watchers, Watcher *watcher);

/* Whether anybody would hear it: saves making the line. */
gboolean watchers_any(const Watchers *watchers);
void watchers_tell(Watchers *watchers, uid_t owner, const char *line, gsize size);

/* Tells those for whom `choose` says so. */
typedef gboolean (*WatcherChoice)(const Credentials *credentials, gconstpointer data);
void watchers_tell_chosen(Watchers *watchers, WatcherChoice choose, gconstpointer data,
                          const char *line, gsize size);
guint watchers_count(const Watchers *watchers);
