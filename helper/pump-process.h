/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The process that carries a command's frames.
 */
#pragma once

#include "helper/pump.h"

#include <stdbool.h>

/* Starts it, with nothing of ours but `pairs`, and returns when it is confined. It is nobody's
 * child, and ends with the process that called this, or when all cards have ended. Call it with one
 * thread and with all capabilities over a user namespace. On false an error was written. */
bool pump_process_start(const PumpPair *pairs, size_t n);
