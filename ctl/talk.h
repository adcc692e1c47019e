/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * A conversation with the daemon: one request, the line that answers it, and the lines behind.
 */
#pragma once

#include "ctl/lines.h"
#include "ctl/options.h"
#include "helper/connection.h"

#include <glib.h>

typedef struct {
    Connection connection;
    Lines lines;
    GString *request;
    bool unwritable;                   /* a value holds what no line can */
    char error[CONNECTION_ERROR_SIZE]; /* of whatever failed: one line for the user */
} Talk;

typedef enum {
    TALK_LINE,
    TALK_END,    /* the daemon has closed its side, after a whole line */
    TALK_FAILED, /* `error` says why */
} TalkResult;

/* Always to be followed by talk_free(). */
Talk *talk_new(void);
void talk_free(Talk *talk);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Talk, talk_free)

/* The request, in order: its word, its fields, and what follows the line. A value that cannot be
 * sent makes talk_start() fail. */
void talk_begin(Talk *talk, const char *word);
void talk_add(Talk *talk, const char *key, const char *value); /* NULL: no such field */
void talk_add_number(Talk *talk, const char *key, guint64 value);
void talk_add_body(Talk *talk, const char *text);

/* Connects, sends, and reads the first line into `reply`. EXIT_YES when that is an `ok`; else the
 * exit status for what went wrong, and `error` is set. */
int talk_start(Talk *talk, const char *socket_path, Line *reply);

/* The next line, within the time of the conversation. */
TalkResult talk_next(Talk *talk, Line *line);

/* For who waits by himself: reads once, without waiting, and takes lines that are there. */
TalkResult talk_receive(Talk *talk);
LinesResult talk_take(Talk *talk, Line *line);
