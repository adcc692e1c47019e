/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Whatever a daemon says, ontapctl shows lines without control characters, and JSON that can be
 * read again.
 */
#include "ctl/lines.h"
#include "ctl/show.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static void require_plain(const char *text)
{
    FUZZ_REQUIRE(g_utf8_validate(text, -1, NULL));
    for (; *text; text = g_utf8_next_char(text)) {
        gunichar c = g_utf8_get_char(text);

        FUZZ_REQUIRE(c == '\n' || (c >= ' ' && c != 0x7f && !(c >= 0x80 && c < 0xa0)));
    }
}

static void show(Report *report)
{
    g_autofree char *text = show_report(report);

    require_plain(text);
}

static void require_json(Report *report)
{
    g_autofree char *json = record_to_json(report_whole(report), FALSE);
    g_autoptr(JsonNode) node = json_from_string(json, NULL);

    require_plain(json);
    FUZZ_REQUIRE(!strchr(json, '\n'));
    FUZZ_REQUIRE(node && JSON_NODE_HOLDS_OBJECT(node));
    FUZZ_REQUIRE(json_object_get_size(json_node_get_object(node)) >= 3);
}

static void take(Report *people, Report *programs, const Line *line)
{
    JsonObject *record = record_new(line, RECORD_FOR_PEOPLE);
    g_autofree char *event = show_event(line->word, record);

    if (event) {
        require_plain(event);
        FUZZ_REQUIRE(strchr(event, '\n') == event + strlen(event) - 1);
    }
    report_add(people, line->word, record);
    report_add(programs, line->word, record_new(line, RECORD_FOR_PROGRAMS));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(Report) people = report_new();
    g_autoptr(Report) programs = report_new();
    LinesResult result = LINES_MORE;
    Lines lines;
    Line line;

    lines_init(&lines);
    while (size > 0 && result != LINES_BAD) {
        size_t room;
        char *space = lines_space(&lines, &room);
        size_t step = MIN(room, size);

        FUZZ_REQUIRE(step > 0);
        memcpy(space, data, step);
        lines_add(&lines, step);
        data += step;
        size -= step;
        while ((result = lines_next(&lines, &line)) == LINES_LINE)
            take(people, programs, &line);
    }
    show(people);
    require_json(programs);
    return 0;
}
