/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The listening socket and the peers that came through it. The order for each connection is:
 * credentials, then the quota of their owner (subordinate uids count as his), and only then a
 * record and its first byte read. So what a user can make us hold is bounded before anything he
 * sent is looked at.
 *
 * All connections that wait are accepted before the next request is served, and the users take
 * turns (turns.h). So a request that is connected, complete and within its owner's peers waits for
 * at most the two that are served before it is accepted and read, and then for one of every other
 * user, however many programs those run.
 */
#pragma once

#include "daemon/peer.h"

#define LISTENER_PEERS_PER_OWNER 32
#define LISTENER_PEERS_TOTAL 512

typedef struct Listener Listener;

/* Takes the socket that systemd hands over (sd_listen_fds(3)), or binds `path`, mode 0666: the
 * policy decides, not the mode. A stale socket is replaced; the caller holds the rooms, so no other
 * daemon is behind it. Returns the listening descriptor or -1. */
int listener_open_socket(const char *path, GError **error);

/* Socket and service are the caller's and outlive the listener. */
Listener *listener_new(Service *service, int socket);
void listener_free(Listener *listener);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Listener, listener_free)
