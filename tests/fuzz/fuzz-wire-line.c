/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Any line that can be read can be written, and reads back as the same.
 */
#include "tests/fuzz/fuzz.h"
#include "wire/line.h"

#include <string.h>

static void require_same(const Line *a, const Line *b)
{
    FUZZ_REQUIRE(!a->word == !b->word && (!a->word || strcmp(a->word, b->word) == 0));
    FUZZ_REQUIRE(a->n_fields == b->n_fields);
    for (size_t i = 0; i < a->n_fields; i++) {
        FUZZ_REQUIRE(strcmp(a->fields[i].key, b->fields[i].key) == 0);
        FUZZ_REQUIRE(strcmp(a->fields[i].value, b->fields[i].value) == 0);
        FUZZ_REQUIRE(line_get(a, a->fields[i].key) == a->fields[i].value);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static Line first;
    static Line second;
    char buffer[2 * LINE_SIZE_MAX]; /* quotes may be written where none were needed */
    LineWriter writer;

    if (line_parse(&first, (const char *)data, size) != LINE_OK) {
        FUZZ_REQUIRE(first.error_column >= 1 && first.error_column <= size + 1);
        return 0;
    }

    line_writer_init(&writer, buffer, sizeof(buffer));
    if (first.word)
        line_write_word(&writer, first.word);
    for (size_t i = 0; i < first.n_fields; i++)
        line_write(&writer, first.fields[i].key, first.fields[i].value);
    FUZZ_REQUIRE(line_writer_end(&writer));
    FUZZ_REQUIRE(writer.used == strlen(buffer) && writer.used - 1 <= size);
    FUZZ_REQUIRE(line_parse(&second, buffer, writer.used - 1) == LINE_OK);
    require_same(&first, &second);
    return 0;
}
