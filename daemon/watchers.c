/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "daemon/watchers.h"

struct Watcher {
    uid_t owner;
    const Credentials *credentials;
    WatcherFunc func;
    gpointer data;
};

struct Watchers {
    GPtrArray *list; /* of Watcher, owned */
};

Watchers *watchers_new(void)
{
    Watchers *watchers = g_new0(Watchers, 1);

    watchers->list = g_ptr_array_new_with_free_func(g_free);
    return watchers;
}

void watchers_free(Watchers *watchers)
{
    g_ptr_array_unref(watchers->list);
    g_free(watchers);
}

static guint count(const Watchers *watchers, uid_t owner)
{
    guint number = 0;

    for (guint i = 0; i < watchers->list->len; i++)
        number += ((const Watcher *)g_ptr_array_index(watchers->list, i))->owner == owner;
    return number;
}

Watcher *watchers_add(Watchers *watchers, uid_t owner, const Credentials *credentials,
                      WatcherFunc func, gpointer data)
{
    if ((owner != 0 && watchers->list->len >= WATCHERS_TOTAL) ||
        count(watchers, owner) >= WATCHERS_PER_UID)
        return NULL;

    Watcher *watcher = g_new(Watcher, 1);
    *watcher = (Watcher){owner, credentials, func, data};
    g_ptr_array_add(watchers->list, watcher);
    return watcher;
}

void watchers_remove(Watchers *watchers, Watcher *watcher)
{
    g_ptr_array_remove(watchers->list, watcher);
}

gboolean watchers_any(const Watchers *watchers)
{
    return watchers->list->len > 0;
}

void watchers_tell(Watchers *watchers, uid_t owner, const char *line, gsize size)
{
    /* From the end: a watcher may remove itself meanwhile. */
    for (guint i = watchers->list->len; i-- > 0;) {
        const Watcher *watcher = g_ptr_array_index(watchers->list, i);

        if (watcher->owner == 0 || watcher->owner == owner)
            watcher->func(line, size, watcher->data);
    }
}

void watchers_tell_chosen(Watchers *watchers, WatcherChoice choose, gconstpointer data,
                          const char *line, gsize size)
{
    for (guint i = watchers->list->len; i-- > 0;) {
        const Watcher *watcher = g_ptr_array_index(watchers->list, i);

        if (choose(watcher->credentials, data))
            watcher->func(line, size, watcher->data);
    }
}

guint watchers_count(const Watchers *watchers)
{
    return watchers->list->len;
}
