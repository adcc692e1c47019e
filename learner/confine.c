/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * New namespaces for all there is (the sockets stay where they were opened), an empty read-only
 * tmpfs as root, no capability, no way to gain one.
 */
#include "learner/confine.h"

#include <cap-ng.h>
#include <errno.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NAMESPACES (CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS)
#define ROOT "/tmp" /* any folder that every system has; it is covered in our namespace only */

static gboolean fail(GError **error, const char *what)
{
    g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno), "cannot %s: %s", what,
                g_strerror(errno));
    return FALSE;
}

static gboolean empty_root(GError **error)
{
    if (mount("", "/", "", MS_PRIVATE | MS_REC, NULL) < 0)
        return fail(error, "make mounts private");
    if (mount("", ROOT, "tmpfs", MS_NODEV | MS_NOEXEC | MS_NOSUID | MS_RDONLY,
              "nr_inodes=2,nr_blocks=1") < 0)
        return fail(error, "mount an empty root");
    if (chdir(ROOT) < 0 || syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0)
        return fail(error, "change to an empty root");
    return TRUE;
}

gboolean confine(uid_t uid, gid_t gid, GError **error)
{
    gboolean is_root = geteuid() == 0;

    if (unshare(NAMESPACES | (is_root ? 0 : CLONE_NEWUSER)) < 0)
        return fail(error, "make namespaces of its own");
    if (!empty_root(error))
        return FALSE;
    capng_clear(CAPNG_SELECT_ALL);
    if ((is_root ? capng_change_id((int)uid, (int)gid, CAPNG_DROP_SUPP_GRP | CAPNG_CLEAR_BOUNDING)
                 : capng_apply(CAPNG_SELECT_CAPS)) < 0)
        return fail(error, "give up privileges");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
        return fail(error, "give up privileges for good");
    return TRUE;
}
