/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * DHCPv6 messages.
 */
#include "learner/dhcp6.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Dhcp6 dhcp;

    if (dhcp6_parse(cursor_init(data, size), &dhcp) == PARSE_OK) {
        FUZZ_REQUIRE(dhcp.n_addresses <= DHCP6_ADDRESSES_MAX);
        FUZZ_REQUIRE(dhcp.xid <= 0xffffff);
    }
    return 0;
}
