/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Keeps one worker running: forks it, waits, and forks another when it dies of what it read. The
 * supervisor itself reads nothing. It holds the sockets, so that the daemon needs neither execve
 * nor new sockets to get its learner back.
 */
#pragma once

#include "learner/worker.h"

/* The supervisor's system calls: a filter holds for children too, so these are the worker's, those
 * that the worker makes before it restricts itself, and those for forking and waiting. */
Calls *supervisor_calls(int channel);

/* Restricts itself to these, and returns when a worker says that the daemon has gone, 0, or 1 when
 * something failed. */
int supervisor_run(const WorkerSockets *sockets);
