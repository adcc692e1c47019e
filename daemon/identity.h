/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Whom the daemon runs as once all is open: an ordinary user with CAP_NET_ADMIN, to make links, and
 * CAP_MKNOD, to make their nodes.
 */
#pragma once

#include <glib.h>
#include <sys/types.h>

typedef struct {
    uid_t uid;
    gid_t gid;
} Identity;

gboolean identity_find(Identity *identity, const char *user, GError **error);

/* Gives up root for good. Nothing to do when it is not root: then the two capabilities must have
 * been given from outside (AmbientCapabilities=). */
gboolean identity_assume(const Identity *identity, GError **error);
