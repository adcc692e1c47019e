/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * IP addresses as a packet has them, and what they may be used for.
 */
#pragma once

#include "learner/cursor.h"
#include "wire/ip.h"

#include <stdbool.h>

/* The next 4 or 16 bytes. */
bool address_read_v4(Cursor *cursor, IpAddress *addressp);
bool address_read_v6(Cursor *cursor, IpAddress *addressp);

/* 0.0.0.0, :: or no address at all. */
bool address_unspecified(const IpAddress *address);

/* Whether one host can own it: not multicast, broadcast, loopback, unspecified, reserved
 * (0/8, 240/4) or an IPv4 address in IPv6 clothes. */
bool address_claimable(const IpAddress *address);

/* Whether `group` is the solicited-node multicast address of `address` (RFC 4291, 2.7.1). */
bool address_is_solicited_node(const IpAddress *group, const IpAddress *address);
