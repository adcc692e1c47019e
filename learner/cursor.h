/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The one way to untrusted bytes. A cursor is a position and the number of bytes left; a step that
 * does not fit fails and leaves the cursor where it was. Checks compare a wanted size with what is
 * left and never add to a position, so that no length from a packet can overflow anything. Values
 * leave by copy: there is no pointer into a packet that a struct is read through, and so no
 * alignment to get wrong. Numbers leave in host byte order.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    const uint8_t *data;
    size_t left;
} Cursor;

static inline Cursor cursor_init(const uint8_t *data, size_t size)
{
    return (Cursor){.data = data, .left = size};
}

static inline bool cursor_skip(Cursor *cursor, size_t size)
{
    if (size > cursor->left)
        return false;
    /* An empty cursor may have no memory at all, and NULL + 0 is undefined in C11. */
    if (size > 0)
        cursor->data += size;
    cursor->left -= size;
    return true;
}

static inline bool cursor_copy(Cursor *cursor, void *to, size_t size)
{
    const uint8_t *from = cursor->data;

    if (!cursor_skip(cursor, size))
        return false;
    if (size > 0)
        memcpy(to, from, size);
    return true;
}

/* The next `size` bytes become a cursor of their own. */
static inline bool cursor_split(Cursor *cursor, size_t size, Cursor *partp)
{
    const uint8_t *from = cursor->data;

    if (!cursor_skip(cursor, size))
        return false;
    *partp = cursor_init(from, size);
    return true;
}

/* Forgets what lies behind the next `size` bytes: the padding of a short Ethernet frame. */
static inline bool cursor_trim(Cursor *cursor, size_t size)
{
    if (size > cursor->left)
        return false;
    cursor->left = size;
    return true;
}

static inline bool cursor_u8(Cursor *cursor, uint8_t *valuep)
{
    return cursor_copy(cursor, valuep, 1);
}

static inline bool cursor_u16(Cursor *cursor, uint16_t *valuep)
{
    uint8_t bytes[2];

    if (!cursor_copy(cursor, bytes, sizeof(bytes)))
        return false;
    *valuep = (uint16_t)((uint16_t)bytes[0] << 8 | bytes[1]);
    return true;
}

static inline bool cursor_u32(Cursor *cursor, uint32_t *valuep)
{
    uint8_t bytes[4];

    if (!cursor_copy(cursor, bytes, sizeof(bytes)))
        return false;
    *valuep =
        (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
    return true;
}
