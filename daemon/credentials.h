/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Who is at the other end of a UNIX socket: SO_PEERCRED and SO_PEERGROUPS, socket(7) and unix(7).
 * They are those of the process that called connect(), fixed at that moment.
 */
#pragma once

#include <glib.h>
#include <sys/types.h>

typedef struct {
    pid_t pid; /* for the log only: it may have been reused */
    uid_t uid;
    gid_t gid;
    gid_t *groups; /* supplementary */
    size_t n_groups;
    int socket; /* where they were read, for what else the kernel knows; not owned */
} Credentials;

gboolean credentials_read(Credentials *credentials, int socket, GError **error);
void credentials_deinit(Credentials *credentials);
