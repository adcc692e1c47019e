/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "daemon/place.h"

#include <errno.h>
#include <sys/random.h>

gboolean place_random_ifindex(guint32 *ifindexp, GError **error)
{
    guint64 number;

    if (getrandom(&number, sizeof(number), GRND_NONBLOCK) != sizeof(number)) {
        g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno),
                    "cannot find a random number: %s%s", g_strerror(errno),
                    errno == EAGAIN ? " (the machine has just been started; try again)" : "");
        return FALSE;
    }
    *ifindexp = PLACE_HOST_FIRST + (guint32)(number % (PLACE_HOST_LAST - PLACE_HOST_FIRST));
    return TRUE;
}
