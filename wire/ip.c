/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "wire/ip.h"

#include <string.h>

size_t ip_size(uint8_t family)
{
    return family == AF_INET ? 4 : family == AF_INET6 ? 16 : 0;
}

IpAddress ip_make(uint8_t family, const uint8_t *bytes)
{
    IpAddress ip = {.family = family};

    memcpy(ip.bytes, bytes, ip_size(family));
    return ip;
}

bool ip_equal(const IpAddress *a, const IpAddress *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

bool ip_in_prefix(const IpAddress *ip, const IpAddress *prefix, unsigned bits)
{
    unsigned whole = bits / 8, rest = bits % 8;

    if (ip->family != prefix->family || bits > ip_size(ip->family) * 8 ||
        memcmp(ip->bytes, prefix->bytes, whole) != 0)
        return false;
    return rest == 0 || (ip->bytes[whole] ^ prefix->bytes[whole]) >> (8 - rest) == 0;
}

void ip_format(const IpAddress *ip, char text[static IP_TEXT_SIZE])
{
    if (ip_size(ip->family) == 0 || inet_ntop(ip->family, ip->bytes, text, IP_TEXT_SIZE) == NULL)
        strcpy(text, "none");
}

bool ip_parse(const char *text, IpAddress *ipp)
{
    IpAddress ip = {.family = strchr(text, ':') != NULL ? AF_INET6 : AF_INET};

    if (inet_pton(ip.family, text, ip.bytes) != 1)
        return false;
    *ipp = ip;
    return true;
}
