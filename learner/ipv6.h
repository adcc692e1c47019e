/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The IPv6 header and its extension headers (RFC 8200), up to the first one that carries a
 * payload of interest. A fragment header ends the walk, an atomic fragment's too: neighbour
 * discovery in fragments is to be ignored (RFC 6980), and hiding behind them is an old trick
 * (RFC 7113).
 */
#pragma once

#include "learner/address.h"
#include "learner/parse.h"

#define IPV6_NEXT_UDP 17
#define IPV6_NEXT_ICMPV6 58

typedef struct {
    IpAddress source;
    IpAddress destination;
    uint8_t hop_limit;
    uint8_t next; /* the payload's protocol */
} Ipv6;

/* Leaves the cursor at the payload, cut to the packet's own length. */
ParseResult ipv6_parse(Cursor *packet, Ipv6 *ipv6);
