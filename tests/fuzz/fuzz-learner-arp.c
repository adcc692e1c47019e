/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * ARP packets: what is read was there.
 */
#include "learner/arp.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Arp arp;

    if (arp_parse(cursor_init(data, size), &arp) == PARSE_OK) {
        FUZZ_REQUIRE(size >= 28);
        FUZZ_REQUIRE(arp.operation == ARP_REQUEST || arp.operation == ARP_REPLY);
        FUZZ_REQUIRE(memcmp(arp.sender.bytes, data + 14, 4) == 0);
    }
    return 0;
}
