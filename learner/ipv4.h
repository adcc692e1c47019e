/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The IPv4 header (RFC 791). Options are stepped over. The checksum is not verified: what the
 * learner sees was not necessarily on a wire yet, and a guest's stack or the kernel may have left
 * checksums to hardware that does not exist.
 */
#pragma once

#include "learner/address.h"
#include "learner/parse.h"

#define IPV4_PROTOCOL_UDP 17

typedef struct {
    IpAddress source;
    IpAddress destination;
    uint8_t protocol;
} Ipv4;

/* Leaves the cursor at the payload, cut to the packet's own length. PARSE_FRAGMENT for the first
 * fragment too: the rest of its datagram was not looked at. */
ParseResult ipv4_parse(Cursor *packet, Ipv4 *ipv4);
