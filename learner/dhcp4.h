/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * DHCPv4 messages (RFC 2131, RFC 2132): the fields that say who gets which address for how long.
 * Options are read from the option field and, when option 52 says so, from `file` and `sname`; one
 * that comes in several pieces is put together (RFC 3396).
 */
#pragma once

#include "learner/address.h"
#include "learner/client-id.h"
#include "learner/parse.h"
#include "wire/device.h"

typedef enum {
    DHCP4_DISCOVER = 1,
    DHCP4_OFFER = 2,
    DHCP4_REQUEST = 3,
    DHCP4_DECLINE = 4,
    DHCP4_ACK = 5,
    DHCP4_NAK = 6,
    DHCP4_RELEASE = 7,
    DHCP4_INFORM = 8,
} Dhcp4Type;

typedef struct {
    bool from_server; /* BOOTREPLY */
    uint8_t type;     /* Dhcp4Type */
    uint32_t xid;
    bool broadcast; /* the client asks for an answer by broadcast */
    uint8_t chaddr[HWADDR_SIZE];
    IpAddress ciaddr;
    IpAddress yiaddr;
    IpAddress requested; /* option 50; family AF_UNSPEC when absent */
    IpAddress server;    /* option 54; the same */
    bool has_lease;
    uint32_t lease; /* seconds, option 51; UINT32_MAX is forever */
    ClientId client_id;
} Dhcp4;

/* Reads a UDP payload. Plain BOOTP, other hardware than Ethernet and message types that hand out
 * nothing are PARSE_OTHER. */
ParseResult dhcp4_parse(Cursor message, Dhcp4 *dhcp);
