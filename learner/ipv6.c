/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors */
#include "learner/ipv6.h"

#define EXTENSIONS_MAX 8 /* no honest packet has half as many */

#define NEXT_HOP_BY_HOP 0
#define NEXT_ROUTING 43
#define NEXT_FRAGMENT 44
#define NEXT_DESTINATION 60

/* Steps over one extension header of the common form and tells the type of the next. */
static ParseResult extension_parse(Cursor *packet, uint8_t *nextp)
{
    Cursor header = *packet;
    uint8_t type = *nextp, units, segments_left = 0;

    if (!cursor_u8(&header, nextp) || !cursor_u8(&header, &units))
        return PARSE_BAD;
    if (!cursor_skip(packet, ((size_t)units + 1) * 8))
        return PARSE_BAD;
    if (type == NEXT_ROUTING) {
        /* While segments are left, the destination is not where the packet is going. */
        if (!cursor_skip(&header, 1) || !cursor_u8(&header, &segments_left))
            return PARSE_BAD;
        if (segments_left != 0)
            return PARSE_OTHER;
    }
    return PARSE_OK;
}

ParseResult ipv6_parse(Cursor *packet, Ipv6 *ipv6)
{
    uint32_t first;
    uint16_t size;
    ParseResult result;

    if (!cursor_u32(packet, &first) || !cursor_u16(packet, &size) ||
        !cursor_u8(packet, &ipv6->next) || !cursor_u8(packet, &ipv6->hop_limit) ||
        !address_read_v6(packet, &ipv6->source) || !address_read_v6(packet, &ipv6->destination))
        return PARSE_BAD;
    if (first >> 28 != 6 || !cursor_trim(packet, size))
        return PARSE_BAD;

    for (unsigned n = 0; n <= EXTENSIONS_MAX; n++) {
        switch (ipv6->next) {
        case NEXT_HOP_BY_HOP:
            if (n > 0)
                return PARSE_BAD; /* only the first may be one */
            break;
        case NEXT_ROUTING:
        case NEXT_DESTINATION:
            break;
        case NEXT_FRAGMENT:
            return PARSE_FRAGMENT;
        default:
            return PARSE_OK;
        }
        result = extension_parse(packet, &ipv6->next);
        if (result != PARSE_OK)
            return result;
    }
    return PARSE_BAD;
}
