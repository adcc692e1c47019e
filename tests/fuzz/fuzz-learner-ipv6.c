/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * IPv6 headers and extensions: a payload lies inside the packet.
 */
#include "learner/ipv6.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Cursor packet = cursor_init(data, size);
    Ipv6 ipv6;

    if (ipv6_parse(&packet, &ipv6) == PARSE_OK)
        FUZZ_REQUIRE(packet.data >= data + 40 && packet.data + packet.left <= data + size);
    return 0;
}
