/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * From the bytes of a policy to words, `=`, `,` and ends of lines.
 */
#pragma once

#include "policy/policy.h"

typedef enum {
    TOKEN_STRING, /* a word, bare or quoted */
    TOKEN_EQUALS,
    TOKEN_COMMA,
    TOKEN_END_OF_LINE,
    TOKEN_END, /* of the text; a last line without a newline gets its TOKEN_END_OF_LINE first */
} TokenKind;

typedef struct {
    TokenKind kind;
    PolicyPlace place;
    gboolean spaced; /* a blank or the start of the line stands before it */
    gboolean quoted;
    char *text; /* of TOKEN_STRING, unescaped; owned by the token */
} Token;

typedef struct {
    const char *file;
    const char *text;
    gsize size;
    gsize position;
    gsize line_start;
    unsigned line;
    gboolean line_open;
    gboolean after_string;
} Lexer;

/* `file` is a name for messages. Neither it nor the text is copied. FALSE when the text holds bytes
 * that no policy may: NUL, control characters, what is not UTF-8. */
gboolean lexer_init(Lexer *lexer, const char *file, const char *text, gsize size, GError **error);

/* The token's text, if any, is the caller's; token_clear() frees it. */
gboolean lexer_next(Lexer *lexer, Token *token, GError **error);
void token_clear(Token *token);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Token, token_clear)

/* A copy of the line the lexer is in, without blanks around it. */
char *lexer_line_text(const Lexer *lexer);
