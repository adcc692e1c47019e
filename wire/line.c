/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * One pass over the line, with no look ahead beyond the next byte. Keys and unescaped values are
 * written one after the other, each with its NUL, into the Line's own storage. That never needs
 * more than one byte above the text: a key's NUL takes the place of its `=`, a value's that of the
 * space behind it, and only the last value has none.
 *
 * The text may come from a stranger, so every byte is looked at before it is kept: no NUL or
 * control character gets into a value but through `\n` and `\t`.
 */
#include "wire/line.h"

#include <string.h>

typedef struct {
    const char *text;
    size_t size;
    size_t at;
    char *out;
} Reader;

static bool is_key_byte(char c, bool first)
{
    return (c >= 'a' && c <= 'z') || (!first && ((c >= '0' && c <= '9') || c == '-'));
}

static bool is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7f;
}

static bool is_bare(char c)
{
    return c > ' ' && c < 0x7f && c != '"' && c != '\\';
}

static bool is_key(const char *text)
{
    if (!is_key_byte(*text, true))
        return false;
    while (*++text)
        if (!is_key_byte(*text, false))
            return false;
    return true;
}

/* Stops in front of the `=`, the space or the end that must follow a key or word. */
static LineResult read_key(Reader *reader, const char **keyp)
{
    *keyp = reader->out;
    while (reader->at < reader->size) {
        char c = reader->text[reader->at];
        bool first = reader->out == *keyp;

        if (!is_key_byte(c, first)) {
            if (is_control(c))
                return LINE_BAD_BYTE;
            if (first || (c != '=' && c != ' '))
                return LINE_BAD_KEY;
            break;
        }
        *reader->out++ = c;
        reader->at++;
    }
    *reader->out++ = '\0';
    return LINE_OK;
}

static LineResult read_escape(Reader *reader)
{
    char c = reader->at + 1 < reader->size ? reader->text[reader->at + 1] : '\0';

    switch (c) {
    case '"':
    case '\\':
        break;
    case 'n':
        c = '\n';
        break;
    case 't':
        c = '\t';
        break;
    default:
        return LINE_BAD_ESCAPE;
    }
    *reader->out++ = c;
    reader->at += 2;
    return LINE_OK;
}

static LineResult read_quoted(Reader *reader)
{
    size_t quote = reader->at++;

    while (reader->at < reader->size) {
        char c = reader->text[reader->at];

        if (c == '"') {
            reader->at++;
            if (reader->at < reader->size && reader->text[reader->at] != ' ')
                return LINE_NO_SEPARATOR;
            *reader->out++ = '\0';
            return LINE_OK;
        }
        if (is_control(c))
            return LINE_BAD_BYTE;
        if (c == '\\') {
            LineResult result = read_escape(reader);

            if (result != LINE_OK)
                return result;
        } else {
            *reader->out++ = c;
            reader->at++;
        }
    }
    reader->at = quote;
    return LINE_OPEN_QUOTE;
}

static LineResult read_bare(Reader *reader)
{
    size_t start = reader->at;

    while (reader->at < reader->size && reader->text[reader->at] != ' ') {
        if (!is_bare(reader->text[reader->at]))
            return LINE_BAD_BYTE;
        *reader->out++ = reader->text[reader->at++];
    }
    if (reader->at == start)
        return LINE_NO_VALUE;
    *reader->out++ = '\0';
    return LINE_OK;
}

/* One word or field, whose first byte is not a space. */
static LineResult read_item(Reader *reader, Line *line, bool first)
{
    LineField field = {.column = reader->at + 1};
    LineResult result = read_key(reader, &field.key);

    if (result != LINE_OK)
        return result;

    if (reader->at == reader->size || reader->text[reader->at] != '=') {
        if (!first)
            return LINE_NO_VALUE;
        line->word = field.key;
        return LINE_OK;
    }

    if (line->n_fields == LINE_FIELDS_MAX || line_get(line, field.key)) {
        reader->at = field.column - 1;
        return line->n_fields == LINE_FIELDS_MAX ? LINE_TOO_MANY_FIELDS : LINE_DUPLICATE_KEY;
    }

    reader->at++;
    field.value = reader->out;
    if (reader->at < reader->size && reader->text[reader->at] == '"')
        result = read_quoted(reader);
    else
        result = read_bare(reader);
    if (result == LINE_OK)
        line->fields[line->n_fields++] = field;
    return result;
}

LineResult line_parse(Line *line, const char *text, size_t size)
{
    Reader reader = {.text = text, .size = size, .out = line->storage};
    bool first = true;

    line->word = NULL;
    line->n_fields = 0;
    line->error_column = 0;
    if (size > LINE_SIZE_MAX) {
        line->error_column = LINE_SIZE_MAX + 1;
        return LINE_TOO_LONG;
    }

    for (;;) {
        LineResult result;

        while (reader.at < size && text[reader.at] == ' ')
            reader.at++;
        if (reader.at == size)
            return LINE_OK;
        result = read_item(&reader, line, first);
        if (result != LINE_OK) {
            line->error_column = reader.at + 1;
            return result;
        }
        first = false;
    }
}

const char *line_result_text(LineResult result)
{
    switch (result) {
    case LINE_OK:
        return "no error";
    case LINE_TOO_LONG:
        return "the line is too long";
    case LINE_TOO_MANY_FIELDS:
        return "too many fields";
    case LINE_BAD_BYTE:
        return "this byte may not stand here (control characters never; spaces, quotes, "
               "backslashes and non-ASCII only inside quotes)";
    case LINE_BAD_KEY:
        return "a key is a lower-case letter, then lower-case letters, digits and hyphens";
    case LINE_NO_VALUE:
        return "expected key=value (an empty value is written \"\")";
    case LINE_OPEN_QUOTE:
        return "this quote is never closed";
    case LINE_BAD_ESCAPE:
        return "unknown escape (known are \\\", \\\\, \\n and \\t)";
    case LINE_NO_SEPARATOR:
        return "expected a space after the closing quote";
    case LINE_DUPLICATE_KEY:
        return "this key was given before";
    }
    return "unknown error";
}

const char *line_get(const Line *line, const char *key)
{
    for (size_t i = 0; i < line->n_fields; i++)
        if (strcmp(line->fields[i].key, key) == 0)
            return line->fields[i].value;
    return NULL;
}

bool line_parse_u64(const char *text, uint64_t *valuep)
{
    uint64_t value = 0;

    if (!*text)
        return false;
    for (; *text; text++) {
        unsigned digit = (unsigned)*text - '0';

        if (digit > 9 || value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *valuep = value;
    return true;
}

void line_writer_init(LineWriter *writer, char *buffer, size_t size)
{
    *writer = (LineWriter){.buffer = buffer, .size = size, .failed = size == 0};
    if (size > 0)
        buffer[0] = '\0';
}

static void put(LineWriter *writer, const char *bytes, size_t n)
{
    if (writer->failed || n >= writer->size - writer->used) {
        writer->failed = true;
        return;
    }
    memcpy(writer->buffer + writer->used, bytes, n);
    writer->used += n;
    writer->buffer[writer->used] = '\0';
}

static void put_byte(LineWriter *writer, char c)
{
    put(writer, &c, 1);
}

static void put_separator(LineWriter *writer)
{
    if (writer->used > 0)
        put_byte(writer, ' ');
}

/* A half-written item never stays behind. */
static void keep_whole(LineWriter *writer, size_t start)
{
    if (writer->failed && writer->used > start) {
        writer->used = start;
        writer->buffer[start] = '\0';
    }
}

static void put_quoted(LineWriter *writer, const char *value)
{
    put_byte(writer, '"');
    for (; *value; value++) {
        if (*value == '"' || *value == '\\') {
            put_byte(writer, '\\');
            put_byte(writer, *value);
        } else if (*value == '\n') {
            put(writer, "\\n", 2);
        } else if (*value == '\t') {
            put(writer, "\\t", 2);
        } else if (is_control(*value)) {
            writer->failed = true;
        } else {
            put_byte(writer, *value);
        }
    }
    put_byte(writer, '"');
}

void line_write_word(LineWriter *writer, const char *word)
{
    size_t start = writer->used;

    if (!is_key(word))
        writer->failed = true;
    put_separator(writer);
    put(writer, word, strlen(word));
    keep_whole(writer, start);
}

void line_write(LineWriter *writer, const char *key, const char *value)
{
    size_t start = writer->used;
    size_t bare = 0;

    if (!is_key(key))
        writer->failed = true;
    while (is_bare(value[bare]))
        bare++;

    put_separator(writer);
    put(writer, key, strlen(key));
    put_byte(writer, '=');
    if (bare > 0 && !value[bare])
        put(writer, value, bare);
    else
        put_quoted(writer, value);
    keep_whole(writer, start);
}

void line_write_u64(LineWriter *writer, const char *key, uint64_t value)
{
    char digits[sizeof("18446744073709551615")];
    char *first = digits + sizeof(digits) - 1;

    *first = '\0';
    do {
        *--first = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    line_write(writer, key, first);
}

void line_write_text(LineWriter *writer, const char *text)
{
    size_t size = strlen(text);
    size_t taken = writer->used + (writer->used > 0) + 2; /* the space, the newline, the NUL */
    size_t room;

    if (writer->failed || writer->size <= taken || size == 0)
        return;

    room = writer->size - taken;
    if (size > room) {
        size = room;
        /* No character of UTF-8 has more than three bytes that continue it. */
        for (int i = 0; i < 3 && size > 0 && (text[size] & 0xc0) == 0x80; i++)
            size--;
    }
    put_separator(writer);
    for (size_t i = 0; i < size; i++)
        put_byte(writer, is_control(text[i]) ? ' ' : text[i]);
}

bool line_writer_end(LineWriter *writer)
{
    put_byte(writer, '\n');
    return !writer->failed;
}
