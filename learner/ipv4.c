/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors */
#include "learner/ipv4.h"

#define HEADER_SIZE_MIN 20
#define MORE_FRAGMENTS 0x2000
#define FRAGMENT_OFFSET 0x1fff

ParseResult ipv4_parse(Cursor *packet, Ipv4 *ipv4)
{
    Cursor header;
    uint8_t first;
    uint16_t total, fragment;
    size_t header_size;

    if (packet->left < HEADER_SIZE_MIN)
        return PARSE_BAD;
    header = *packet;
    if (!cursor_u8(&header, &first) || !cursor_skip(&header, 1) || !cursor_u16(&header, &total) ||
        !cursor_skip(&header, 2) || !cursor_u16(&header, &fragment) || !cursor_skip(&header, 1) ||
        !cursor_u8(&header, &ipv4->protocol) || !cursor_skip(&header, 2) ||
        !address_read_v4(&header, &ipv4->source) || !address_read_v4(&header, &ipv4->destination))
        return PARSE_BAD;

    header_size = (size_t)(first & 0x0f) * 4;
    if (first >> 4 != 4 || header_size < HEADER_SIZE_MIN || total < header_size)
        return PARSE_BAD;
    if (!cursor_trim(packet, total) || !cursor_skip(packet, header_size))
        return PARSE_BAD;
    return fragment & (MORE_FRAGMENTS | FRAGMENT_OFFSET) ? PARSE_FRAGMENT : PARSE_OK;
}
