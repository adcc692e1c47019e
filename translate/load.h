/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Programs and maps: loaded once, pinned, found again. Inside translate/ only.
 */
#pragma once

#include "translate/translate.h"

struct Translate {
    int egress;
    int ingress;
    int taps;
    int bindings;
    int claims;
    int learned;
};

/* Sets `error` from a negative errno: which code, and what the user can do. `what` fits behind
 * "cannot". */
void translate_set_error(GError **error, int result, const char *what);
