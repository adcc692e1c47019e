/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * A device's name is fit for a file's (device_name_valid), and the folder is root's.
 */
#include "qemu-wrapper/holder.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

static gboolean fail(GError **error, const char *what, const char *path)
{
    int code = errno;

    g_set_error(error, G_FILE_ERROR, (int)g_file_error_from_errno(code), "cannot %s %s: %s", what,
                path, g_strerror(code));
    return FALSE;
}

/* The descriptor stays open: the lock ends with the process. */
gboolean holder_lock(const char *folder, GError **error)
{
    int fd;

    /* Whoever can open a folder can hold a lock on it for ever. */
    if (mkdir(folder, 0700) < 0 && errno != EEXIST)
        return fail(error, "make", folder);
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fchmod(fd, 0700) < 0 || flock(fd, LOCK_EX) < 0)
        return fail(error, "lock", folder);
    return TRUE;
}

char *holder_find(const char *folder, const char *dev, gboolean *freshp)
{
    g_autofree char *path = g_build_filename(folder, dev, NULL);
    g_autofree char *guest = NULL;
    struct stat status;

    if (stat(path, &status) < 0 || !g_file_get_contents(path, &guest, NULL, NULL))
        return NULL;
    *freshp = time(NULL) - status.st_mtime < HOLDER_FRESH;
    return g_steal_pointer(&guest);
}

gboolean holder_note(const char *folder, const char *dev, const char *guest, GError **error)
{
    g_autofree char *path = g_build_filename(folder, dev, NULL);

    return g_file_set_contents(path, guest, -1, error);
}

void holder_forget(const char *folder, const char *dev)
{
    g_autofree char *path = g_build_filename(folder, dev, NULL);

    unlink(path);
}
