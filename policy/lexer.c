/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * From bytes to tokens. Pure: no file, no clock, no log.
 *
 * All bytes are looked at once before the first token. A policy is shown on terminals, by `explain`
 * and in error messages, so control characters are refused even in comments: a line must be what
 * it looks like. After that the lexer meets printable UTF-8, tabs and line ends only. CR LF is a
 * line end too. Columns count bytes, as compilers do.
 *
 * A `#` opens a comment only where a word could start. Inside a word it is an error, since
 * `user=a#b` would otherwise be a rule about a user that nobody meant.
 */
#include "policy/lexer.h"

#include "policy/place.h"

#include <string.h>

static PolicyPlace lexer_place(const Lexer *lexer)
{
    return (PolicyPlace){.file = lexer->file,
                         .line = lexer->line,
                         .column = (unsigned)(lexer->position - lexer->line_start + 1)};
}

static gboolean is_line_end(const Lexer *lexer, gsize position)
{
    if (position >= lexer->size || lexer->text[position] == '\n')
        return TRUE;
    return lexer->text[position] == '\r' && position + 1 < lexer->size &&
           lexer->text[position + 1] == '\n';
}

/* Complains about the character at the lexer's position, or returns its size in bytes. */
static gsize check_character(const Lexer *lexer, GError **error)
{
    const char *at = lexer->text + lexer->position;
    PolicyPlace place = lexer_place(lexer);
    gunichar character = g_utf8_get_char_validated(at, (gssize)(lexer->size - lexer->position));

    if (*at == '\0') {
        policy_fail(error, &place, "a NUL byte; a policy is plain text");
    } else if (character == (gunichar)-1 || character == (gunichar)-2) {
        policy_fail(error, &place, "the byte 0x%02x is not UTF-8", (guint8)*at);
    } else if (character == 0xfeff) {
        policy_fail(error, &place, "a byte order mark; save the file as UTF-8 without one");
    } else if (character == '\n' || character == '\t' ||
               (character == '\r' && is_line_end(lexer, lexer->position))) {
        return 1;
    } else if (character < 0x20 || (character >= 0x7f && character < 0xa0)) {
        policy_fail(error, &place,
                    "the control character 0x%02x; only tabs and newlines may stand here",
                    (unsigned)character);
    } else {
        return g_unichar_to_utf8(character, NULL);
    }
    return 0;
}

static void rewind_to_start(Lexer *lexer)
{
    lexer->position = 0;
    lexer->line_start = 0;
    lexer->line = 1;
}

gboolean lexer_init(Lexer *lexer, const char *file, const char *text, gsize size, GError **error)
{
    *lexer = (Lexer){.file = file, .text = text, .size = size};
    rewind_to_start(lexer);
    while (lexer->position < size) {
        gsize width = check_character(lexer, error);

        if (width == 0)
            return FALSE;
        if (text[lexer->position] == '\n') {
            lexer->line++;
            lexer->line_start = lexer->position + 1;
        }
        lexer->position += width;
    }
    rewind_to_start(lexer);
    return TRUE;
}

static gboolean read_quoted(Lexer *lexer, Token *token, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);

    lexer->position++;
    while (!is_line_end(lexer, lexer->position)) {
        char byte = lexer->text[lexer->position];

        if (byte == '"') {
            lexer->position++;
            token->quoted = TRUE;
            token->text = g_string_free(g_steal_pointer(&text), FALSE);
            return TRUE;
        }
        if (byte == '\\') {
            PolicyPlace place = lexer_place(lexer);

            lexer->position++;
            if (is_line_end(lexer, lexer->position) ||
                !strchr("\"\\", lexer->text[lexer->position]))
                return policy_fail(error, &place, "only \\\" and \\\\ may follow a backslash");
            byte = lexer->text[lexer->position];
        }
        g_string_append_c(text, byte);
        lexer->position++;
    }
    return policy_fail(error, &token->place, "the quote that opens here is not closed on its line");
}

static gboolean read_bare(Lexer *lexer, Token *token, GError **error)
{
    gsize start = lexer->position;

    for (; !is_line_end(lexer, lexer->position); lexer->position++) {
        PolicyPlace place = lexer_place(lexer);

        switch (lexer->text[lexer->position]) {
        case ' ':
        case '\t':
        case '=':
        case ',':
            goto done;
        case '#':
            return policy_fail(
                error, &place,
                "a '#' inside a word; put a space before a comment, or quote the word");
        case '\\':
            return policy_fail(error, &place,
                               "a backslash must be written as \\\\ inside double quotes");
        case '"':
            return policy_fail(error, &place, "a quote inside a word; quote all of it");
        }
    }
done:
    token->text = g_strndup(lexer->text + start, lexer->position - start);
    return TRUE;
}

static void skip_blanks(Lexer *lexer)
{
    while (!is_line_end(lexer, lexer->position) && strchr(" \t", lexer->text[lexer->position]))
        lexer->position++;
}

static void end_line(Lexer *lexer, Token *token)
{
    lexer->line_open = FALSE;
    token->kind = TOKEN_END_OF_LINE;
    if (lexer->position >= lexer->size)
        return;
    lexer->position += lexer->text[lexer->position] == '\r' ? 2 : 1;
    lexer->line_start = lexer->position;
    lexer->line++;
}

gboolean lexer_next(Lexer *lexer, Token *token, GError **error)
{
    gsize before = lexer->position;
    gboolean after_string = lexer->after_string;

    *token = (Token){0};
    skip_blanks(lexer);
    token->spaced = lexer->position != before || lexer->position == lexer->line_start;
    lexer->after_string = FALSE;
    if (token->spaced && !is_line_end(lexer, lexer->position) &&
        lexer->text[lexer->position] == '#') {
        while (!is_line_end(lexer, lexer->position))
            lexer->position++;
    }
    token->place = lexer_place(lexer);
    if (lexer->position >= lexer->size && !lexer->line_open) {
        token->kind = TOKEN_END;
        return TRUE;
    }
    if (is_line_end(lexer, lexer->position)) {
        end_line(lexer, token);
        return TRUE;
    }
    lexer->line_open = TRUE;
    switch (lexer->text[lexer->position]) {
    case '=':
        token->kind = TOKEN_EQUALS;
        lexer->position++;
        return TRUE;
    case ',':
        token->kind = TOKEN_COMMA;
        lexer->position++;
        return TRUE;
    }
    if (after_string && !token->spaced)
        return policy_fail(error, &token->place,
                           "a space or a comma must follow the closing quote");
    token->kind = TOKEN_STRING;
    lexer->after_string = TRUE;
    return lexer->text[lexer->position] == '"' ? read_quoted(lexer, token, error)
                                               : read_bare(lexer, token, error);
}

void token_clear(Token *token)
{
    g_clear_pointer(&token->text, g_free);
}

char *lexer_line_text(const Lexer *lexer)
{
    gsize end = lexer->line_start;

    while (!is_line_end(lexer, end))
        end++;
    return g_strstrip(g_strndup(lexer->text + lexer->line_start, end - lexer->line_start));
}
