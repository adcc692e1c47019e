/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * SipHash-2-4 with a result of 128 bits (Aumasson and Bernstein, "SipHash: a fast short-input PRF",
 * and its reference for the longer result): a keyed hash that tells nothing of its key.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define SIPHASH_SIZE 16 /* bytes of the key, and of the result */

void siphash_128(const uint8_t key[static SIPHASH_SIZE], const void *data, size_t size,
                 uint8_t hash[static SIPHASH_SIZE]);
