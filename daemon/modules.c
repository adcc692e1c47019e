/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Asking for a link of some kind makes the kernel load the module for it before it looks at the
 * rest of the request (net/core/rtnetlink.c, "rtnl-link-KIND"). So a request that cannot succeed,
 * on a parent that cannot exist, is enough, and nobody has to run a program.
 */
#include "daemon/modules.h"

#include "netlink/link.h"

#include <errno.h>

static gboolean load(Rtnl *host, DeviceType type)
{
    const LinkSpec impossible = {
        .type = type,
        .name = "ontap-probe",
        .ifindex = G_MAXINT32,
        .parent = G_MAXINT32,
        .netns = -1,
    };
    g_autoptr(GError) error = NULL;

    return !link_create(host, &impossible, &error) &&
           !g_error_matches(error, RTNL_ERROR, EOPNOTSUPP);
}

guint modules_load(Rtnl *host)
{
    static const DeviceType types[] = {DEVICE_IPVTAP, DEVICE_MACVTAP};
    guint loaded = 0;

    for (gsize i = 0; i < G_N_ELEMENTS(types); i++)
        if (load(host, types[i]))
            loaded |= types[i];
    return loaded;
}
