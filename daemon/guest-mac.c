/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "daemon/guest-mac.h"

#include <string.h>

void guest_mac_suggest(const char *machine, const Alias *alias, guint8 hwaddr[static HWADDR_SIZE])
{
    g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
    /* A slash is in no name, so two devices never make one text. */
    g_autofree char *text =
        g_strdup_printf("ontap/%s/%u/%s/%s", machine, alias->owner, alias->network, alias->name);
    guint8 digest[32];
    gsize size = sizeof(digest);

    g_checksum_update(checksum, (const guchar *)text, -1);
    g_checksum_get_digest(checksum, digest, &size);
    memcpy(hwaddr, digest, HWADDR_SIZE);
    hwaddr[0] = (guint8)((hwaddr[0] & ~1u) | 2u);
}
