/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Any request that can be read can be written, and reads back as the same. What cannot gives one
 * bounded line of text without control characters.
 */
#include "tests/fuzz/fuzz.h"
#include "wire/request.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char error[REQUEST_ERROR_SIZE];
    char error2[REQUEST_ERROR_SIZE];
    char buffer[REQUEST_SIZE_MAX + 1];
    Request first;
    Request second;
    size_t written;

    if (!request_parse(&first, (const char *)data, size, error)) {
        FUZZ_REQUIRE(memchr(error, '\0', sizeof(error)) && strncmp(error, "column ", 7) == 0);
        for (const char *c = error; *c; c++)
            FUZZ_REQUIRE((unsigned char)*c >= ' ' && *c != 0x7f);
        return 0;
    }

    written = request_format(&first, buffer, sizeof(buffer));
    FUZZ_REQUIRE(written > 0 && written <= REQUEST_SIZE_MAX && buffer[written - 1] == '\n');
    FUZZ_REQUIRE(request_parse(&second, buffer, written - 1, error2));
    FUZZ_REQUIRE(first.kind == second.kind && first.type == second.type);
    FUZZ_REQUIRE(first.queues == second.queues && first.queues_least == second.queues_least);
    FUZZ_REQUIRE(first.has_owner == second.has_owner && first.owner == second.owner);
    FUZZ_REQUIRE(first.size == second.size);
    FUZZ_REQUIRE(strcmp(first.network, second.network) == 0);
    FUZZ_REQUIRE(strcmp(first.name, second.name) == 0);
    return 0;
}
