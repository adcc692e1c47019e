/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors */
#include "learner/address.h"

bool address_read_v4(Cursor *cursor, IpAddress *addressp)
{
    IpAddress address = {.family = AF_INET};

    if (!cursor_copy(cursor, address.bytes, 4))
        return false;
    *addressp = address;
    return true;
}

bool address_read_v6(Cursor *cursor, IpAddress *addressp)
{
    IpAddress address = {.family = AF_INET6};

    if (!cursor_copy(cursor, address.bytes, 16))
        return false;
    *addressp = address;
    return true;
}

bool address_unspecified(const IpAddress *address)
{
    static const uint8_t zero[16];

    return memcmp(address->bytes, zero, sizeof(zero)) == 0;
}

bool address_claimable(const IpAddress *address)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    static const uint8_t compatible[12];
    const uint8_t *bytes = address->bytes;

    switch (address->family) {
    case AF_INET:
        return bytes[0] != 0 && bytes[0] != 127 && bytes[0] < 224;
    case AF_INET6:
        /* The second line also covers :: and ::1. */
        return bytes[0] != 0xff && memcmp(bytes, mapped, sizeof(mapped)) != 0 &&
               memcmp(bytes, compatible, sizeof(compatible)) != 0;
    default:
        return false;
    }
}

bool address_is_solicited_node(const IpAddress *group, const IpAddress *address)
{
    static const uint8_t start[13] = {0xff, 0x02, [11] = 0x01, [12] = 0xff};

    return group->family == AF_INET6 && memcmp(group->bytes, start, sizeof(start)) == 0 &&
           memcmp(group->bytes + 13, address->bytes + 13, 3) == 0;
}
