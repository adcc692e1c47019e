/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * What our small programs do around their job: they are started by others, in odd ways.
 */
#pragma once

#include "wire/device.h"

#include <stdbool.h>

/* Opens /dev/null, close-on-exec, for each of the descriptors 0 to 2 that is closed. Call it
 * first: else a socket may become "standard error", and the message goes to the daemon. */
void program_hold_stdio(void);

/* Writes `PROGRAM: TEXT` to standard error as exactly one line, in one write, without control
 * characters. What is too long is cut. */
__attribute__((format(printf, 2, 3))) void program_error(const char *program, const char *format,
                                                         ...);

/* Writes the text to standard output. False when not all of it could be written. */
bool program_print(const char *text);

/* False, with an error written, in a process that has another user or group than its caller. */
bool program_unprivileged(const char *program);

/* Copies the name of a "network" or "device" that the user gave. False, with an error written,
 * when it cannot be one. */
bool program_take_name(char name[static DEVICE_NAME_MAX + 1], const char *program, const char *what,
                       const char *value);
