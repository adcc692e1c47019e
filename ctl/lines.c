/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "ctl/lines.h"

#include <string.h>

void lines_init(Lines *lines)
{
    lines->start = 0;
    lines->end = 0;
}

char *lines_space(Lines *lines, size_t *sizep)
{
    memmove(lines->bytes, lines->bytes + lines->start, lines->end - lines->start);
    lines->end -= lines->start;
    lines->start = 0;
    *sizep = sizeof(lines->bytes) - lines->end;
    return lines->bytes + lines->end;
}

void lines_add(Lines *lines, size_t size)
{
    lines->end += size;
}

bool lines_peek(const Lines *lines, const char **textp, size_t *sizep)
{
    const char *text = lines->bytes + lines->start;
    const char *newline = memchr(text, '\n', lines->end - lines->start);

    if (!newline)
        return false;
    *textp = text;
    *sizep = (size_t)(newline - text);
    return true;
}

LinesResult lines_next(Lines *lines, Line *line)
{
    const char *text;
    size_t size;

    if (!lines_peek(lines, &text, &size))
        return lines->end - lines->start > LINE_SIZE_MAX ? LINES_BAD : LINES_MORE;
    lines->start += size + 1;
    return line_parse(line, text, size) == LINE_OK && line->word ? LINES_LINE : LINES_BAD;
}

bool lines_pending(const Lines *lines)
{
    return lines->end > lines->start;
}
