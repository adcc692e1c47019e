/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Any reply that can be read can be written, and reads back as the same.
 */
#include "tests/fuzz/fuzz.h"
#include "wire/reply.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char buffer[REPLY_SIZE_MAX + 1];
    Reply first;
    Reply second;
    size_t written;

    if (!reply_parse(&first, (const char *)data, size))
        return 0;

    FUZZ_REQUIRE(memchr(first.text, '\0', sizeof(first.text)));
    for (const char *c = first.text; *c; c++)
        FUZZ_REQUIRE((unsigned char)*c >= ' ' && *c != 0x7f);
    written = reply_format(&first, buffer, sizeof(buffer));
    FUZZ_REQUIRE(written > 0 && written <= REPLY_SIZE_MAX && buffer[written - 1] == '\n');
    FUZZ_REQUIRE(reply_parse(&second, buffer, written - 1));
    FUZZ_REQUIRE(first.code == second.code && strcmp(first.text, second.text) == 0);
    FUZZ_REQUIRE(strcmp(first.ifname, second.ifname) == 0 && first.ifindex == second.ifindex);
    FUZZ_REQUIRE(memcmp(first.hwaddr, second.hwaddr, HWADDR_SIZE) == 0);
    FUZZ_REQUIRE(first.has_stable == second.has_stable);
    FUZZ_REQUIRE(memcmp(first.stable, second.stable, HWADDR_SIZE) == 0);
    FUZZ_REQUIRE(first.mtu == second.mtu && first.queues == second.queues);
    FUZZ_REQUIRE(strcmp(first.network, second.network) == 0);
    FUZZ_REQUIRE(strcmp(first.name, second.name) == 0);
    return 0;
}
