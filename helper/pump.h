/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Carries frames both ways between a device of the daemon's and a network card of the command's.
 */
#pragma once

#include <stddef.h>

#define PUMP_PAIRS_MAX 8

/* Two descriptors that are non-blocking and read and write whole frames, with equal headers. */
typedef struct {
    int device;
    int card;
} PumpPair;

/* Carries frames until every pair has ended, or until `command`, which is never read, becomes
 * readable: a pidfd, when its process has ended. A pair ends, and both its descriptors are closed,
 * when either has (POLLERR, POLLHUP, end of file). Returns 0, or an errno when it could not go on.
 */
int pump_run(PumpPair *pairs, size_t n, int command);
