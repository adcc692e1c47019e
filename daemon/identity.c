/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "daemon/identity.h"

#include <cap-ng.h>
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/utsname.h>
#include <unistd.h>

gboolean identity_find(Identity *identity, const char *user, GError **error)
{
    const struct passwd *entry = getpwnam(user);

    if (entry == NULL) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
                    "there is no user %s to run as; systemd-sysusers makes it when ontap is "
                    "installed, or give --user and --learner-user",
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

/* Up to Linux 5.18 the element commands of bpf(2) need CAP_BPF where unprivileged eBPF is off. */
static gboolean bpf_needs_capability(void)
{
    struct utsname name;
    unsigned major = 0, minor = 0;

    return uname(&name) == 0 && sscanf(name.release, "%u.%u", &major, &minor) == 2 &&
           (major < 5 || (major == 5 && minor <= 18));
}

gboolean identity_assume(const Identity *identity, GError **error)
{
    capng_clear(CAPNG_SELECT_ALL);
    capng_updatev(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_NET_ADMIN, CAP_MKNOD, -1);
    if (bpf_needs_capability())
        capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_BPF);
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
