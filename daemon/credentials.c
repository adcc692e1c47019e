/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "daemon/credentials.h"

#include <errno.h>
#include <sys/socket.h>

#define GROUPS_GUESS 32

static gboolean fail(GError **error, const char *what)
{
    g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno),
                "cannot read a client's %s: %s", what, g_strerror(errno));
    return FALSE;
}

/* The kernel says how many there are when they do not fit; they cannot change in between. */
static gboolean read_groups(Credentials *credentials, int socket, GError **error)
{
    socklen_t size = GROUPS_GUESS * sizeof(gid_t);

    credentials->groups = g_malloc(size);
    if (getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, credentials->groups, &size) < 0) {
        if (errno != ERANGE)
            return fail(error, "groups");
        credentials->groups = g_realloc(credentials->groups, size);
        if (getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, credentials->groups, &size) < 0)
            return fail(error, "groups");
    }
    credentials->n_groups = size / sizeof(gid_t);
    return TRUE;
}

gboolean credentials_read(Credentials *credentials, int socket, GError **error)
{
    struct ucred peer;
    socklen_t size = sizeof(peer);

    *credentials = (Credentials){.socket = socket};
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
        return fail(error, "identity");
    credentials->pid = peer.pid;
    credentials->uid = peer.uid;
    credentials->gid = peer.gid;
    return read_groups(credentials, socket, error);
}

void credentials_deinit(Credentials *credentials)
{
    g_clear_pointer(&credentials->groups, g_free);
    credentials->n_groups = 0;
}
