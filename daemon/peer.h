/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * One connection: a bounded record. It reads one request line within five seconds, waits for its
 * turn (turns.h), has it answered, writes the answer within five more, and ends. Only one that
 * watches stays, for as long as it reads what it is told; and only root can have a request that
 * wants more than a line, a policy, whose size is bounded too.
 *
 * Descriptors are never received; client-socket.h says why, and how they are got rid of.
 */
#pragma once

#include "daemon/serve.h"

typedef struct Peer Peer;

/* Called once, when the peer has ended; the peer is freed after it. */
typedef void (*PeerEnded)(Peer *peer, gpointer data);

/* Takes the socket (non-blocking) and the credentials. */
Peer *peer_new(Service *service, int socket, Credentials *credentials, PeerEnded ended,
               gpointer data);

/* Ends the peer at once, without calling back. */
void peer_free(Peer *peer);

/* Whose quota it counts in. */
uid_t peer_owner(const Peer *peer);
