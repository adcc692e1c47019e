/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * ARP for IPv4 over Ethernet (RFC 826), with the readings of RFC 5227: a request whose sender is
 * 0.0.0.0 is a probe, which asks and claims nothing.
 */
#pragma once

#include "learner/address.h"
#include "learner/parse.h"
#include "wire/device.h"

typedef enum {
    ARP_REQUEST = 1,
    ARP_REPLY = 2,
} ArpOperation;

typedef struct {
    uint16_t operation; /* ArpOperation */
    uint8_t sender_hwaddr[HWADDR_SIZE];
    IpAddress sender;
    IpAddress target;
} Arp;

/* Reads what follows the Ethernet header. Other hardware, protocols and operations are
 * PARSE_OTHER. */
ParseResult arp_parse(Cursor packet, Arp *arp);
