/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Ethernet headers: the cursor stays inside the frame.
 */
#include "learner/ethernet.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Cursor frame = cursor_init(data, size);
    Ethernet ethernet;

    if (ethernet_parse(&frame, &ethernet) == PARSE_OK) {
        FUZZ_REQUIRE(frame.data + frame.left == data + size);
        FUZZ_REQUIRE(ethernet.type >= 0x600 && ethernet.vlan < 4096);
    }
    return 0;
}
