/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors */
#include "learner/udp.h"

ParseResult udp_parse(Cursor *datagram, Udp *udp)
{
    Cursor header = *datagram;
    uint16_t size;

    if (!cursor_u16(&header, &udp->source) || !cursor_u16(&header, &udp->destination) ||
        !cursor_u16(&header, &size))
        return PARSE_BAD;
    /* A size of zero is a jumbogram's (RFC 2675), which no DHCP message is. */
    if (size < UDP_HEADER_SIZE || !cursor_trim(datagram, size) ||
        !cursor_skip(datagram, UDP_HEADER_SIZE))
        return PARSE_BAD;
    return PARSE_OK;
}
