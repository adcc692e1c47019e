/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "daemon/identity.h"

#include <cap-ng.h>
#include <errno.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <unistd.h>

gboolean identity_find(Identity *identity, const char *user, GError **error)
{
    const struct passwd *entry = getpwnam(user);

    if (entry == NULL) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
                    "there is no user %s to run as; systemd-sysusers makes it when ontap is "
                    "installed, or give --user",
                    user);
        return FALSE;
    }
    *identity = (Identity){entry->pw_uid, entry->pw_gid};
    return TRUE;
}

static gboolean has_needed(void)
{
    return capng_have_capability(CAPNG_EFFECTIVE, CAP_NET_ADMIN) &&
           capng_have_capability(CAPNG_EFFECTIVE, CAP_MKNOD);
}

gboolean identity_assume(const Identity *identity, GError **error)
{
    capng_clear(CAPNG_SELECT_ALL);
    capng_updatev(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_NET_ADMIN, CAP_MKNOD, -1);
    int result = geteuid() == 0 ? capng_change_id((int)identity->uid, (int)identity->gid,
                                                  CAPNG_DROP_SUPP_GRP | CAPNG_CLEAR_BOUNDING)
                                : capng_apply(CAPNG_SELECT_CAPS);
    if (result < 0 || capng_get_caps_process() < 0 || !has_needed()) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_PERM,
                    "cannot become uid %u with CAP_NET_ADMIN and CAP_MKNOD only (libcap-ng says "
                    "%d); start ontapd as root, or by its unit",
                    identity->uid, result);
        return FALSE;
    }
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) {
        g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno),
                    "cannot set no_new_privs: %s", g_strerror(errno));
        return FALSE;
    }
    return TRUE;
}
