/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "daemon/kernel.h"

#include "daemon/dev-folder.h"
#include "daemon/locks.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Two daemons in one tap room would delete each other's devices. A name in the abstract namespace
 * of UNIX sockets belongs to the netns, which no user can enter, and goes with the process. */
static gboolean claim_tap_room(Kernel *kernel, GError **error)
{
    static const struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "\0ontapd"};

    kernel->claim = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (kernel->claim >= 0 &&
        bind(kernel->claim, (const struct sockaddr *)&name, sizeof(name)) == 0)
        return TRUE;
    g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno),
                errno == EADDRINUSE
                    ? "another ontapd has the network namespace of the taps; stop it "
                      "first, or give --netns of its own to this one (%s)"
                    : "cannot claim the network namespace of the taps: %s",
                g_strerror(errno));
    return FALSE;
}

static gboolean open_in_tap_room(Kernel *kernel, GError **error)
{
    if (!rooms_enter_tap_netns(&kernel->rooms, error))
        return FALSE;
    gboolean ok = claim_tap_room(kernel, error) && (kernel->room = rtnl_new(error)) != NULL &&
                  home_open(&kernel->homes[PLACE_TAP_ROOM], kernel->room, FALSE, error);
    rooms_leave_tap_netns(&kernel->rooms);
    return ok;
}

gboolean kernel_open(Kernel *kernel, const char *netns_path, const char *run_dir, GError **error)
{
    *kernel = (Kernel)KERNEL_INIT;
    if (!rooms_open(&kernel->rooms, netns_path, run_dir, error))
        return FALSE;
    kernel->host = rtnl_new(error);
    if (kernel->host != NULL)
        kernel->generic = rtnl_new_generic(error);
    if (kernel->generic == NULL ||
        !home_open(&kernel->homes[PLACE_HOST], kernel->host, TRUE, error) ||
        !open_in_tap_room(kernel, error))
        return FALSE;
    kernel->dev = dev_folder_open();
    kernel->locks = locks_open(error);
    return kernel->locks >= 0;
}

void kernel_close(Kernel *kernel)
{
    for (gsize i = 0; i < PLACES; i++)
        home_close(&kernel->homes[i]);
    g_clear_pointer(&kernel->host, rtnl_free);
    g_clear_pointer(&kernel->generic, rtnl_free);
    g_clear_pointer(&kernel->room, rtnl_free);
    if (kernel->dev >= 0)
        close(kernel->dev);
    kernel->dev = -1;
    if (kernel->locks >= 0)
        close(kernel->locks);
    kernel->locks = -1;
    if (kernel->claim >= 0)
        close(kernel->claim);
    kernel->claim = -1;
    rooms_close(&kernel->rooms);
}
