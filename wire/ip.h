/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * An IPv4 or IPv6 address as a value. The bytes that its family does not use are 0, so that values
 * compare and hash whole.
 */
#pragma once

#include <arpa/inet.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint8_t family;    /* AF_INET, AF_INET6, or AF_UNSPEC: none */
    uint8_t bytes[16]; /* in network order */
} IpAddress;

#define IP_TEXT_SIZE INET6_ADDRSTRLEN /* the NUL counted */

/* 4 or 16; 0 for any other family. */
size_t ip_size(uint8_t family);

/* The family must be one of the two. `bytes` has the size of the family. */
IpAddress ip_make(uint8_t family, const uint8_t *bytes);
bool ip_equal(const IpAddress *a, const IpAddress *b);

/* Whether the first `bits` agree, and the family. `bits` is at most that of the family. */
bool ip_in_prefix(const IpAddress *ip, const IpAddress *prefix, unsigned bits);

/* As inet_ntop(3) and inet_pton(3) do; AF_UNSPEC is written as "none". */
void ip_format(const IpAddress *ip, char text[static IP_TEXT_SIZE]);
bool ip_parse(const char *text, IpAddress *ipp);
