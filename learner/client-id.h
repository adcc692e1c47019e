/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * What a DHCP client calls itself: option 61 (RFC 2132, 9.14) or a DUID (RFC 8415, 11). Only ever
 * compared. The start of a long one and its size stand for it.
 */
#pragma once

#include "learner/cursor.h"

#define CLIENT_ID_KEPT 32 /* bytes; the usual DUIDs have 10 to 18 */

typedef struct {
    uint16_t size; /* of the whole, 0 when there is none */
    uint8_t bytes[CLIENT_ID_KEPT];
} ClientId;

static inline void client_id_set(ClientId *id, Cursor value)
{
    size_t kept = value.left < CLIENT_ID_KEPT ? value.left : CLIENT_ID_KEPT;

    *id = (ClientId){.size = (uint16_t)value.left};
    (void)cursor_copy(&value, id->bytes, kept);
}

static inline bool client_id_equal(const ClientId *a, const ClientId *b)
{
    return a->size == b->size && memcmp(a->bytes, b->bytes, CLIENT_ID_KEPT) == 0;
}
