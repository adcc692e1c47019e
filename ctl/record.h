/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * A line of the daemon's as a JSON object, which is what ontapctl works with, whatever it shows in
 * the end. ontapctl-json(5) is the reference of the types.
 */
#pragma once

#include "wire/line.h"

#include <json-glib/json-glib.h>

typedef enum {
    RECORD_FOR_PROGRAMS, /* strings as they are, made valid UTF-8 */
    RECORD_FOR_PEOPLE,   /* strings pass text_safe() */
} RecordReader;

/* The fields of `line` as members; the word is not among them. Which key is a number, a boolean or
 * a list is known by the word and the key. A key that is not known, and a value that is not of its
 * key's type, is a string. */
JsonObject *record_new(const Line *line, RecordReader reader);

/* What a member says; the fallback when there is none or it is of another type. */
const char *record_text(JsonObject *record, const char *key, const char *fallback);
gint64 record_number(JsonObject *record, const char *key, gint64 fallback);
gboolean record_flag(JsonObject *record, const char *key, gboolean fallback);

/* The strings of a list, with `separator` between them; "" when there is none. */
char *record_list(JsonObject *record, const char *key, const char *separator);

/* The object as one line of JSON, or as an indented text; without a newline at the end. No control
 * character is in it, so that it can be shown on a terminal. */
char *record_to_json(JsonObject *record, gboolean indented);
