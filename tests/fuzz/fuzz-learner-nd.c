/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Neighbour and router messages. The first 33 bytes are what the IPv6 header said.
 */
#include "learner/nd.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Cursor message = cursor_init(data, size);
    Ipv6 ipv6 = {0};
    Nd nd;

    if (!cursor_u8(&message, &ipv6.hop_limit) || !address_read_v6(&message, &ipv6.source) ||
        !address_read_v6(&message, &ipv6.destination))
        return 0;
    if (nd_parse(message, &ipv6, &nd) == PARSE_OK) {
        FUZZ_REQUIRE(ipv6.hop_limit == 255 && nd.n_prefixes <= ND_PREFIXES_MAX);
        for (unsigned i = 0; i < nd.n_prefixes; i++)
            FUZZ_REQUIRE(nd.prefixes[i].length <= 128);
    }
    return 0;
}
