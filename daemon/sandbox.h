/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * What is left of the daemon once all is open: an ordinary user with two capabilities, in an empty
 * file system, with few system calls.
 */
#pragma once

#include "daemon/identity.h"
#include "daemon/rooms.h"
#include "sandbox/calls.h"

/* Closes what was inherited, but for standard input, output and error and what systemd passed: a
 * descriptor of a folder would lead out of the sandbox. To be called before anything is opened. */
void sandbox_shut_inherited(void);

/* Closes the sandbox for good. The node room is opened anew in it. No thread may run yet: it would
 * keep its capabilities. Every piece is needed; the error names the one that cannot be had. `trace`
 * as in calls_enforce(). */
gboolean sandbox_close(Rooms *rooms, const Identity *identity, gboolean trace, GError **error);

/* The system calls, with their conditions. `nodes` is the descriptor of the node room. */
Calls *sandbox_calls(int nodes);
