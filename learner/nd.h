/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * ICMPv6 neighbour and router messages (RFC 4861). The rules by which a node must discard them
 * (6.1 and 7.1) are applied, save for the checksum (see ipv4.h).
 */
#pragma once

#include "learner/address.h"
#include "learner/ipv6.h"
#include "wire/device.h"

#define ND_PREFIXES_MAX 16 /* of one advertisement; more are ignored */

typedef enum {
    ND_ROUTER_SOLICITATION = 133,
    ND_ROUTER_ADVERTISEMENT = 134,
    ND_NEIGHBOUR_SOLICITATION = 135,
    ND_NEIGHBOUR_ADVERTISEMENT = 136,
} NdType;

typedef struct {
    IpAddress prefix;
    uint8_t length;  /* bits, at most 128 */
    bool autonomous; /* hosts make addresses from it */
    uint32_t valid;  /* seconds; UINT32_MAX is forever */
} NdPrefix;

typedef struct {
    uint8_t type;     /* NdType */
    IpAddress target; /* of solicitations and advertisements for neighbours */
    bool has_link;    /* a source or target link-layer address option */
    uint8_t link[HWADDR_SIZE];
    uint16_t router_lifetime; /* seconds; the rest is for router advertisements too */
    unsigned n_prefixes;
    NdPrefix prefixes[ND_PREFIXES_MAX];
} Nd;

/* Reads an ICMPv6 message that came in `ipv6`. Other messages, redirects too, are PARSE_OTHER. */
ParseResult nd_parse(Cursor message, const Ipv6 *ipv6, Nd *nd);
