/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "daemon/leftovers.h"

#include "daemon/device.h"
#include "daemon/holder.h"
#include "daemon/log.h"

#include <time.h>

guint64 leftovers_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_BOOTTIME, &now);
    return (guint64)now.tv_sec / 60;
}

static gboolean is_old(const Device *device)
{
    return leftovers_now() - device->alias.made >= LEFTOVERS_MINUTES;
}

/* Those of ours that are old enough, of Device. */
static GPtrArray *list_old(Rtnl *host)
{
    GPtrArray *old = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) links = link_list(host, NULL);

    for (guint i = 0; links != NULL && i < links->len; i++) {
        Device *device = device_from_link(g_ptr_array_index(links, i), PLACE_HOST);

        if (device != NULL && is_old(device))
            g_ptr_array_add(old, device);
        else
            g_free(device);
    }
    return old;
}

void leftovers_delete(Rtnl *host, gboolean asked)
{
    g_autoptr(GPtrArray) old = list_old(host);
    gboolean complete;

    if (old->len == 0)
        return;
    g_autoptr(GHashTable) holders = holders_read(&complete);
    for (guint i = 0; i < old->len; i++) {
        const Device *device = g_ptr_array_index(old, i);
        const char *holder = g_hash_table_lookup(holders, GUINT_TO_POINTER(device->ifindex));
        g_autoptr(GError) error = NULL;

        if (holder != NULL)
            log_debug("%s is held by %s", device->ifname, holder);
        else if (!complete && asked)
            log_notice("%s may be held by nobody, but not all processes are to be seen",
                       device->ifname);
        else if (!complete)
            continue;
        else if (link_delete(host, device->ifindex, &error))
            log_notice("%s was left over: nobody has it open, and it is deleted", device->ifname);
        else
            log_warning("%s", error->message);
    }
}
