/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * DHCPv4 messages.
 */
#include "learner/dhcp4.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Dhcp4 dhcp;

    if (dhcp4_parse(cursor_init(data, size), &dhcp) == PARSE_OK) {
        FUZZ_REQUIRE(size > 240);
        FUZZ_REQUIRE(dhcp.type >= DHCP4_DISCOVER && dhcp.type <= DHCP4_INFORM);
        FUZZ_REQUIRE(dhcp.requested.family == AF_UNSPEC || dhcp.requested.family == AF_INET);
    }
    return 0;
}
