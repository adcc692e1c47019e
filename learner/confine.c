/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * New namespaces for all there is (the sockets stay where they were opened), an empty read-only
 * tmpfs as root, no capability, no way to gain one. The user is not the daemon's, so that neither
 * signals nor /proc lead from here to the daemon. The lists of system calls are those of
 * supervisor.c and worker.c.
 */
#include "learner/confine.h"

#include "sandbox/root.h"

#include <cap-ng.h>
#include <errno.h>
#include <sched.h>
#include <sys/prctl.h>
#include <unistd.h>

#define NAMESPACES (CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS) /* root_empty() makes one more */

static gboolean fail(GError **error, const char *what)
{
    g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno), "cannot %s: %s", what,
                g_strerror(errno));
    return FALSE;
}

gboolean confine(uid_t uid, gid_t gid, GError **error)
{
    gboolean is_root = geteuid() == 0;

    if (unshare(NAMESPACES | (is_root ? 0 : CLONE_NEWUSER)) < 0)
        return fail(error, "make namespaces of its own");
    if (!root_empty(NULL, error))
        return FALSE;
    capng_clear(CAPNG_SELECT_ALL);
    if ((is_root ? capng_change_id((int)uid, (int)gid, CAPNG_DROP_SUPP_GRP | CAPNG_CLEAR_BOUNDING)
                 : capng_apply(CAPNG_SELECT_CAPS)) < 0)
        return fail(error, "give up privileges");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
        return fail(error, "give up privileges for good");
    return TRUE;
}

gboolean confine_calls(const Calls *calls, GError **error)
{
    return calls_enforce(calls, g_getenv("ONTAP_TRACE") != NULL, error);
}
