/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Whole frames, and what would be replayed of a DHCP reply.
 */
#include "learner/frame.h"
#include "learner/inject.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t hwaddr[HWADDR_SIZE] = {2, 0, 0, 0, 0, 1};
    Frame frame, again;
    uint8_t reply[1514];

    if (frame_parse(&frame, data, size) == PARSE_OK && frame.kind == FRAME_DHCP4) {
        size = inject_reply(reply, sizeof(reply), hwaddr, data, size);
        if (size == 0)
            return 0;
        FUZZ_REQUIRE(size <= sizeof(reply));
        FUZZ_REQUIRE(frame_parse(&again, reply, size) == PARSE_OK);
        FUZZ_REQUIRE(ip_equal(&again.dhcp4.yiaddr, &frame.dhcp4.yiaddr));
        FUZZ_REQUIRE(again.dhcp4.lease == frame.dhcp4.lease &&
                     again.dhcp4.type == frame.dhcp4.type);
    }
    return 0;
}
