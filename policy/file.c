/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * One file of a policy. All questions are asked of the open handle, never of the path: between two
 * looks at a path it may have come to mean another file. A symbolic link is fine, since what counts
 * is who can write what was opened. O_NONBLOCK keeps a FIFO from hanging the daemon before fstat()
 * has said that it is one.
 */
#include "policy/file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static gboolean fail(GError **error, const char *what)
{
    g_set_error(error, POLICY_ERROR, POLICY_ERROR_FILE, "%s", what);
    return FALSE;
}

static gboolean fail_errno(GError **error, const char *what)
{
    g_set_error(error, POLICY_ERROR, POLICY_ERROR_FILE, "%s: %s", what, g_strerror(errno));
    return FALSE;
}

static gboolean read_handle(int handle, char **textp, gsize *sizep, struct stat *statusp,
                            GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    char buffer[8192];
    ssize_t got;

    if (fstat(handle, statusp) < 0)
        return fail_errno(error, "cannot be looked at");
    if (!S_ISREG(statusp->st_mode))
        return fail(error, "is not a regular file");
    while ((got = TEMP_FAILURE_RETRY(read(handle, buffer, sizeof buffer))) > 0) {
        g_string_append_len(text, buffer, got);
        if (text->len > POLICY_FILE_SIZE_MAX)
            return fail(error, "is larger than 1 MiB");
    }
    if (got < 0)
        return fail_errno(error, "cannot be read");
    *sizep = text->len;
    *textp = g_string_free(g_steal_pointer(&text), FALSE);
    return TRUE;
}

gboolean file_read(const char *file, char **textp, gsize *sizep, struct stat *statusp,
                   GError **error)
{
    int handle = TEMP_FAILURE_RETRY(open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    gboolean done;

    if (handle < 0)
        return fail_errno(error, "cannot be opened");
    done = read_handle(handle, textp, sizep, statusp, error);
    close(handle);
    return done;
}

gboolean file_is_trusted(const struct stat *status, uid_t owner, char **whyp)
{
    g_autofree char *right =
        owner == 0 ? g_strdup("root") : g_strdup_printf("uid %u", (unsigned)owner);

    if (status->st_uid != owner)
        *whyp = g_strdup_printf("belongs to uid %u and must belong to %s", (unsigned)status->st_uid,
                                right);
    else if (status->st_mode & (S_IWGRP | S_IWOTH))
        *whyp = g_strdup_printf("has mode %04o and must be writable by %s only (chmod go-w)",
                                (unsigned)status->st_mode & 07777, right);
    else
        return TRUE;
    return FALSE;
}
