/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The process that reads what strangers send: frames of guests and of the LAN. It feeds them to the
 * core and passes the core's proposals on. It makes no device, no address and no frame.
 */
#pragma once

#include "sandbox/calls.h"

#include <glib.h>

typedef struct {
    int channel; /* SOCK_SEQPACKET to the daemon */
    int room;    /* packet socket of the tap room */
    int claims;  /* ring of what the guard dropped (translate/claims.h), or -1 */
    int *taps;   /* packet sockets of taps in the host's netns, bound by the daemon when there is
                    use */
    guint n_taps;
    int *parents; /* packet sockets of parents there, the same */
    guint n_parents;
} WorkerSockets;

/* The system calls that the worker makes once it reads. Of its sockets it sends on the channel
 * only, and to nobody but the daemon. */
Calls *worker_calls(int channel);

/* Runs until the daemon has gone, and returns 0 then; 1 when something failed. */
int worker_run(const WorkerSockets *sockets);
