/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The line codec: `word key=value key="quoted value" …`.
 *
 * Requests, replies, events and the alias of a device are all one line of this form. The leading
 * word is optional and has no `=`. A value is bare or quoted; inside quotes `\"`, `\\`, `\n` and
 * `\t` are the only escapes. Bare values hold printable ASCII without space, quote and backslash.
 * Quoted values hold any byte but NUL and control characters (UTF-8 passes through unchecked).
 * Keys and words are [a-z][a-z0-9-]*. Fields are separated by one or more spaces, which may also
 * stand at both ends. A key appears once.
 *
 * Nothing here allocates, and a Line owns its bytes: it may outlive the text it was read from.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINE_SIZE_MAX 4096 /* bytes, the newline not counted; requests have a smaller limit */
#define LINE_FIELDS_MAX 32

typedef enum {
    LINE_OK = 0,
    LINE_TOO_LONG,
    LINE_TOO_MANY_FIELDS,
    LINE_BAD_BYTE,      /* a NUL, a control character, or a byte that must be quoted */
    LINE_BAD_KEY,       /* not [a-z][a-z0-9-]* */
    LINE_NO_VALUE,      /* a word where only `key=value` may stand, or `key=` with nothing */
    LINE_OPEN_QUOTE,    /* the line ends inside quotes */
    LINE_BAD_ESCAPE,
    LINE_NO_SEPARATOR,  /* something follows a closing quote without a space */
    LINE_DUPLICATE_KEY,
} LineResult;

typedef struct {
    const char *key;   /* NUL-terminated, inside the Line */
    const char *value; /* NUL-terminated, unescaped, inside the Line; may be empty if quoted */
    unsigned column;   /* of the key, in bytes, the first is 1 */
} LineField;

typedef struct {
    const char *word; /* NULL when the line starts with a field */
    size_t n_fields;
    LineField fields[LINE_FIELDS_MAX];
    unsigned error_column; /* where line_parse() stopped, in bytes, the first is 1; that is the
                            * opening quote of LINE_OPEN_QUOTE and the key of LINE_DUPLICATE_KEY */
    char storage[LINE_SIZE_MAX + 2];
} Line;

/* Reads `size` bytes at `text`, which hold no newline. On anything but LINE_OK only
 * `error_column` is meaningful. An empty line is LINE_OK with no word and no fields. */
LineResult line_parse(Line *line, const char *text, size_t size);

/* A sentence fragment that fits behind "column N: ", for the user. Never NULL. */
const char *line_result_text(LineResult result);

/* The value of `key`, or NULL. */
const char *line_get(const Line *line, const char *key);

/* Decimal digits only, no sign, at most UINT64_MAX. */
bool line_parse_u64(const char *text, uint64_t *valuep);

/* Writes a line into a buffer of the caller's, quoting where needed. Once something did not fit
 * (or could not be written: a control character, a bad key) the writer stays failed, so that the
 * caller checks once, at the end. */
typedef struct {
    char *buffer;
    size_t size;
    size_t used;
    bool failed;
} LineWriter;

/* The buffer is always NUL-terminated while size > 0. */
void line_writer_init(LineWriter *writer, char *buffer, size_t size);
void line_write_word(LineWriter *writer, const char *word);
void line_write(LineWriter *writer, const char *key, const char *value);
void line_write_u64(LineWriter *writer, const char *key, uint64_t value);
/* For text up to the end of the line, as in `error denied TEXT`: control characters become
 * spaces, and what does not fit is cut (at a UTF-8 boundary) rather than failed. */
void line_write_text(LineWriter *writer, const char *text);
/* Appends the newline. True when everything fitted. */
bool line_writer_end(LineWriter *writer);
