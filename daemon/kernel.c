/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "daemon/kernel.h"

#include "daemon/locks.h"

#include <unistd.h>

static gboolean open_in_tap_room(Kernel *kernel, GError **error)
{
    if (!rooms_enter_tap_netns(&kernel->rooms, error))
        return FALSE;
    kernel->room = rtnl_new(error);
    if (kernel->room != NULL)
        kernel->uevents = uevents_new(error);
    rooms_leave_tap_netns(&kernel->rooms);
    return kernel->uevents != NULL;
}

gboolean kernel_open(Kernel *kernel, const char *netns_path, const char *run_dir, GError **error)
{
    *kernel = (Kernel)KERNEL_INIT;
    if (!rooms_open(&kernel->rooms, netns_path, run_dir, error))
        return FALSE;
    kernel->host = rtnl_new(error);
    if (kernel->host == NULL || !open_in_tap_room(kernel, error))
        return FALSE;
    kernel->locks = locks_open(error);
    return kernel->locks >= 0;
}

void kernel_close(Kernel *kernel)
{
    g_clear_pointer(&kernel->host, rtnl_free);
    g_clear_pointer(&kernel->room, rtnl_free);
    g_clear_pointer(&kernel->uevents, uevents_free);
    if (kernel->locks >= 0)
        close(kernel->locks);
    kernel->locks = -1;
    rooms_close(&kernel->rooms);
}
