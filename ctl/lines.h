/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * A stream of bytes from the daemon, cut into lines. No descriptor is read here.
 */
#pragma once

#include "wire/line.h"

typedef struct {
    char bytes[2 * (LINE_SIZE_MAX + 1)];
    size_t start; /* of what was not taken yet */
    size_t end;
} Lines;

typedef enum {
    LINES_LINE, /* `line` is the next one */
    LINES_MORE, /* more bytes are needed */
    LINES_BAD,  /* what came is not a line of the protocol */
} LinesResult;

void lines_init(Lines *lines);

/* Where the next bytes go, and how many fit: at least one after LINES_MORE. */
char *lines_space(Lines *lines, size_t *sizep);
void lines_add(Lines *lines, size_t size);

/* Takes one line. */
LinesResult lines_next(Lines *lines, Line *line);

/* The bytes of the next line, as they came and without its newline; false when it is not complete.
 * It is not taken. */
bool lines_peek(const Lines *lines, const char **textp, size_t *sizep);

/* Whether a line has begun and not ended. */
bool lines_pending(const Lines *lines);
