/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * DHCPv6 messages between client and server (RFC 8415): the client, and the addresses inside its
 * identity associations. What relays say to each other is not read.
 */
#pragma once

#include "learner/address.h"
#include "learner/client-id.h"
#include "learner/parse.h"

#define DHCP6_ADDRESSES_MAX 16 /* of one message; more are ignored */

typedef enum {
    DHCP6_SOLICIT = 1,
    DHCP6_ADVERTISE = 2,
    DHCP6_REQUEST = 3,
    DHCP6_CONFIRM = 4,
    DHCP6_RENEW = 5,
    DHCP6_REBIND = 6,
    DHCP6_REPLY = 7,
    DHCP6_RELEASE = 8,
    DHCP6_DECLINE = 9,
    DHCP6_RECONFIGURE = 10,
    DHCP6_INFORMATION_REQUEST = 11,
} Dhcp6Type;

#define DHCP6_STATUS_SUCCESS 0
#define DHCP6_STATUS_NOT_ON_LINK 4

typedef struct {
    IpAddress address;
    uint32_t valid; /* seconds; UINT32_MAX is forever */
    bool success;   /* neither it nor its association carries another status */
} Dhcp6Address;

typedef struct {
    uint8_t type;    /* Dhcp6Type */
    uint32_t xid;    /* 24 bits */
    uint16_t status; /* of the message */
    bool rapid_commit;
    ClientId client_id;
    unsigned n_addresses;
    Dhcp6Address addresses[DHCP6_ADDRESSES_MAX];
} Dhcp6;

/* Reads a UDP payload. Relayed and unknown messages are PARSE_OTHER. */
ParseResult dhcp6_parse(Cursor message, Dhcp6 *dhcp);
