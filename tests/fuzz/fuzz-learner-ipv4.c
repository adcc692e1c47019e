/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * IPv4 and UDP headers: a payload lies inside the packet.
 */
#include "learner/ipv4.h"
#include "learner/udp.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Cursor packet = cursor_init(data, size);
    Ipv4 ipv4;
    Udp udp;

    if (ipv4_parse(&packet, &ipv4) == PARSE_OK) {
        FUZZ_REQUIRE(packet.data >= data + 20 && packet.data + packet.left <= data + size);
        if (udp_parse(&packet, &udp) == PARSE_OK)
            FUZZ_REQUIRE(packet.data >= data + 28 && packet.data + packet.left <= data + size);
    }
    return 0;
}
