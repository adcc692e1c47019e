/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Messages between ontapd and its learner: one that is read writes back as one that reads the
 * same.
 */
#include "learner/message.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t packet[MESSAGE_SIZE_MAX], again[MESSAGE_SIZE_MAX];
    Message message;
    size_t n;

    if (message_parse(&message, data, size)) {
        n = message_format(&message, packet);
        FUZZ_REQUIRE(message_parse(&message, packet, n));
        FUZZ_REQUIRE(message_format(&message, again) == n && memcmp(again, packet, n) == 0);
    }
    return 0;
}
