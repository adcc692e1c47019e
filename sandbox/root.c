/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The new root is built over /tmp, which every system has and which is covered in our namespace
 * only. What is to be kept is held by a descriptor first, for it may lie in the very folder that is
 * covered. pivot_root(2) with the same folder twice leaves the old root on top of the new one,
 * where it is detached at once: after that nothing leads back, unlike after chroot(2).
 */
#include "sandbox/root.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define STAGE "/tmp"
#define BARE (MS_NODEV | MS_NOEXEC | MS_NOSUID)
#define OPTIONS "mode=0755,nr_inodes=64,nr_blocks=1"

static gboolean fail(GError **error, const char *what)
{
    g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno), "cannot %s: %s", what,
                g_strerror(errno));
    return FALSE;
}

static gboolean bind_kept(int kept, const char *keep, GError **error)
{
    g_autofree char *source = g_strdup_printf("/proc/self/fd/%d", kept);
    g_autofree char *target = g_strconcat(STAGE, keep, NULL);

    if (g_mkdir_with_parents(target, 0755) < 0)
        return fail(error, "make a folder in an empty root");
    return mount(source, target, "", MS_BIND, NULL) == 0 ||
           fail(error, "keep a folder in an empty root");
}

static gboolean build(const char *keep, GError **error)
{
    int kept = keep == NULL ? -1 : open(keep, O_PATH | O_DIRECTORY | O_CLOEXEC);

    if (keep != NULL && kept < 0)
        return fail(error, "open the folder to keep");
    gboolean ok =
        (mount("", STAGE, "tmpfs", BARE, OPTIONS) == 0 || fail(error, "mount an empty root")) &&
        (keep == NULL || bind_kept(kept, keep, error)) &&
        (mount("", STAGE, "", MS_REMOUNT | MS_RDONLY | BARE, OPTIONS) == 0 ||
         fail(error, "make an empty root read-only"));
    if (kept >= 0)
        close(kept);
    return ok;
}

gboolean root_empty(const char *keep, GError **error)
{
    if (unshare(CLONE_NEWNS) < 0)
        return fail(error, "make a mount namespace of its own");
    if (mount("", "/", "", MS_PRIVATE | MS_REC, NULL) < 0)
        return fail(error, "make mounts private");
    if (!build(keep, error))
        return FALSE;
    if (chdir(STAGE) < 0 || syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 ||
        chdir("/") < 0)
        return fail(error, "change to an empty root");
    return TRUE;
}
