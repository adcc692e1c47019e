/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The UDP header (RFC 768). The checksum is not verified, see ipv4.h.
 */
#pragma once

#include "learner/cursor.h"
#include "learner/parse.h"

#define UDP_HEADER_SIZE 8
#define UDP_PORT_DHCP4_SERVER 67
#define UDP_PORT_DHCP4_CLIENT 68
#define UDP_PORT_DHCP6_CLIENT 546
#define UDP_PORT_DHCP6_SERVER 547

typedef struct {
    uint16_t source;
    uint16_t destination;
} Udp;

/* Leaves the cursor at the payload, cut to the datagram's own length. */
ParseResult udp_parse(Cursor *datagram, Udp *udp);
