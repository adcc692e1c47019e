/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * A GError that is an answer to a client: the code is a ReplyCode, the message the reply's text.
 * Errors of any other domain are the daemon's own trouble: the client reads `internal`.
 */
#pragma once

#include "wire/reply.h"

#include <glib.h>

#define REFUSAL (refusal_quark())
GQuark refusal_quark(void);

#define refuse(error, code, ...) g_set_error(error, REFUSAL, code, __VA_ARGS__)

/* The code that the client is told. */
ReplyCode refusal_code(const GError *error);
