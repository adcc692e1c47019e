/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * "Did you mean …?"
 */
#pragma once

#include <glib.h>

/* The word of `known` (NULL-terminated) that `word` is most likely a slip of, or NULL. */
const char *suggest(const char *word, const char *const *known);
