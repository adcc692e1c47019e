/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Keeps one worker running: forks it, waits, and forks another when it dies of what it read. The
 * supervisor itself reads nothing. It holds the sockets, so that the daemon needs neither execve
 * nor new sockets to get its learner back.
 */
#pragma once

#include "learner/worker.h"

/* Returns when a worker says that the daemon has gone. */
int supervisor_run(const WorkerSockets *sockets);
