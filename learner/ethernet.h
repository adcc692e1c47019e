/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The Ethernet II header, with at most one 802.1Q tag.
 */
#pragma once

#include "learner/cursor.h"
#include "learner/parse.h"
#include "wire/device.h"

#define ETHERNET_HEADER_SIZE 14
#define ETHERNET_TYPE_IPV4 0x0800
#define ETHERNET_TYPE_ARP 0x0806
#define ETHERNET_TYPE_VLAN 0x8100
#define ETHERNET_TYPE_IPV6 0x86dd

typedef struct {
    uint8_t destination[HWADDR_SIZE];
    uint8_t source[HWADDR_SIZE];
    uint16_t type; /* behind the tag */
    uint16_t vlan; /* 0: untagged, or a tag that carries only a priority */
} Ethernet;

/* Leaves the cursor at the payload. A second tag, and a length instead of a type (802.3), are
 * PARSE_OTHER. */
ParseResult ethernet_parse(Cursor *frame, Ethernet *ethernet);

/* Broadcast or multicast. */
static inline bool ethernet_is_group(const uint8_t hwaddr[static HWADDR_SIZE])
{
    return hwaddr[0] & 1;
}
