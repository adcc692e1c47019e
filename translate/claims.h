/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Reading the ring of claims: frames that the guard dropped because they speak for an address that
 * is not bound, and from which the address can be learned (MacsClaim, macs.h).
 *
 * Only memory and poll(2): no libbpf, no system call and no capability after
 * translate_claims_new(), so the process that parses what guests send can do it. One reader at a
 * time.
 */
#pragma once

#include <stdbool.h>

#include <glib.h>

#include "translate/macs.h"

typedef struct TranslateClaims TranslateClaims;

/* Maps the ring behind `fd` (translate_claims_fd(), perhaps inherited); the fd stays the caller's
 * and is the one to poll for reading. */
TranslateClaims *translate_claims_new(int fd, GError **error);
void translate_claims_free(TranslateClaims *claims);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TranslateClaims, translate_claims_free)

/* The record lies in the ring and is gone when this returns. */
typedef void (*TranslateClaimFn)(const MacsClaim *claim, void *data);

/* Hands over at most `max` records, oldest first, and says how many; poll() is ready again if more
 * are there. */
unsigned translate_claims_consume(TranslateClaims *claims, unsigned max, TranslateClaimFn function,
                                  void *data);
