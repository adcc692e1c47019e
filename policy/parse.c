/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * From text to statements. Pure: no file, no names, no log.
 *
 * A statement is one line: its word, the name of a network or the pattern of an include, then
 * `key=value` words in any order. Which keys a statement has, and whether a key takes nothing, one
 * value or a list, stands in one table; the parser knows no more of them. What a value means is
 * decided later (values.c), so that every message about shape comes from here.
 */
#include "policy/parse.h"

#include "policy/lexer.h"
#include "policy/place.h"
#include "policy/suggest.h"

#include <string.h>

typedef enum {
    SHAPE_FLAG, /* the bare word */
    SHAPE_ONE,  /* key=value */
    SHAPE_LIST, /* key=a,b */
} Shape;

#define RULE (STATEMENT_ALLOW | STATEMENT_DENY)

static const struct {
    const char *text;
    Shape shape;
    guint statements; /* set of StatementKind */
} keys[KEYS_MAX] = {
    [KEY_PARENT] = {"parent", SHAPE_ONE, STATEMENT_NETWORK},
    [KEY_DEFAULT] = {"default", SHAPE_FLAG, STATEMENT_NETWORK},
    [KEY_TYPES] = {"types", SHAPE_LIST, STATEMENT_NETWORK},
    [KEY_MODE] = {"mode", SHAPE_ONE, STATEMENT_NETWORK},
    [KEY_MAC] = {"mac", SHAPE_ONE, STATEMENT_NETWORK},
    [KEY_GUARD] = {"guard", SHAPE_ONE, STATEMENT_NETWORK},
    [KEY_ONLY] = {"only", SHAPE_LIST, STATEMENT_NETWORK},
    [KEY_EXCEPT] = {"except", SHAPE_LIST, STATEMENT_NETWORK},
    [KEY_STATIC] = {"static", SHAPE_ONE, STATEMENT_NETWORK},
    [KEY_HOST] = {"host", SHAPE_ONE, STATEMENT_NETWORK},
    [KEY_USER] = {"user", SHAPE_LIST, RULE},
    [KEY_GROUP] = {"group", SHAPE_LIST, RULE},
    [KEY_NETWORK] = {"network", SHAPE_LIST, RULE},
    [KEY_TYPE] = {"type", SHAPE_LIST, RULE},
    [KEY_DEVICES] = {"devices", SHAPE_ONE, STATEMENT_NETWORK | STATEMENT_ALLOW},
    [KEY_QUEUES] = {"queues", SHAPE_ONE, STATEMENT_ALLOW},
    [KEY_ADDRESSES] = {"addresses", SHAPE_ONE, STATEMENT_ALLOW},
};

static const struct {
    const char *text;
    StatementKind kind;
    const char *argument; /* what must follow the word, or NULL */
} statements[] = {
    {"network", STATEMENT_NETWORK, "a name, as in 'network lan parent=eth0'"},
    {"allow", STATEMENT_ALLOW, NULL},
    {"deny", STATEMENT_DENY, NULL},
    {"include", STATEMENT_INCLUDE, "a file or pattern, as in 'include policy.d/*.conf'"},
};

typedef struct {
    Lexer lexer;
    Token token; /* the one not yet used */
} Parser;

gboolean key_takes(Key key, StatementKind kind, guint values)
{
    if (!(keys[key].statements & kind) || values > POLICY_LIST_MAX)
        return FALSE;
    switch (keys[key].shape) {
    case SHAPE_FLAG:
        return values == 0;
    case SHAPE_ONE:
        return values == 1;
    default:
        return values > 0;
    }
}

const char *key_text(Key key)
{
    return keys[key].text;
}

const char *statement_text(StatementKind kind)
{
    for (size_t i = 0; i < G_N_ELEMENTS(statements); i++) {
        if (statements[i].kind == kind)
            return statements[i].text;
    }
    g_return_val_if_reached("");
}

static gboolean parser_advance(Parser *parser, GError **error)
{
    token_clear(&parser->token);
    return lexer_next(&parser->lexer, &parser->token, error);
}

static gboolean at_word(const Parser *parser)
{
    return parser->token.kind == TOKEN_STRING;
}

static gboolean fail_unknown(GError **error, const PolicyPlace *place, const char *start,
                             const char *word, GPtrArray *known)
{
    const char *meant = suggest(word, (const char *const *)known->pdata);
    g_autofree char *all = g_strjoinv(", ", (char **)known->pdata);
    g_autofree char *hint = meant ? g_strdup_printf("did you mean '%s'? ", meant) : g_strdup("");

    return policy_fail(error, place, "%s; %svalid are: %s", start, hint, all);
}

static gboolean fail_unknown_statement(const Parser *parser, GError **error)
{
    g_autoptr(GPtrArray) known = g_ptr_array_new();
    g_autofree char *start = g_strdup_printf("no statement '%s'", parser->token.text);

    for (size_t i = 0; i < G_N_ELEMENTS(statements); i++)
        g_ptr_array_add(known, (gpointer)statements[i].text);
    g_ptr_array_add(known, NULL);
    return fail_unknown(error, &parser->token.place, start, parser->token.text, known);
}

static gboolean fail_unknown_key(const Statement *statement, const PolicyPlace *place,
                                 const char *word, GError **error)
{
    g_autoptr(GPtrArray) known = g_ptr_array_new();
    g_autofree char *start =
        g_strdup_printf("'%s' has no key '%s'", statement_text(statement->kind), word);

    for (size_t key = 0; key < KEYS_MAX; key++) {
        if (keys[key].statements & statement->kind)
            g_ptr_array_add(known, (gpointer)keys[key].text);
    }
    g_ptr_array_add(known, NULL);
    return fail_unknown(error, place, start, word, known);
}

static gboolean find_key(const Statement *statement, const PolicyPlace *place, const char *word,
                         Key *keyp, GError **error)
{
    if (statement->kind == STATEMENT_INCLUDE)
        return policy_fail(error, place, "'include' takes one file or pattern, and nothing else");
    for (size_t key = 0; key < KEYS_MAX; key++) {
        if (g_str_equal(keys[key].text, word) && (keys[key].statements & statement->kind)) {
            *keyp = (Key)key;
            return TRUE;
        }
    }
    return fail_unknown_key(statement, place, word, error);
}

/* Takes the token as the next entry of the list. */
static gboolean add_item(Parser *parser, const char *name, Value *value, GError **error)
{
    if (!at_word(parser) || parser->token.spaced || !*parser->token.text)
        return policy_fail(error, &parser->token.place, "'%s=' has an empty %s here", name,
                           value->items->len ? "list entry" : "value");
    if (value->items->len >= POLICY_LIST_MAX)
        return policy_fail(error, &parser->token.place, "'%s=' has more than %d entries", name,
                           POLICY_LIST_MAX);
    for (guint i = 0; i < value->items->len; i++) {
        if (g_str_equal(value_item(value, i)->text, parser->token.text))
            return policy_fail(error, &parser->token.place, "'%s=' lists '%s' twice", name,
                               parser->token.text);
    }
    g_ptr_array_add(value->items,
                    item_new(g_steal_pointer(&parser->token.text), &parser->token.place));
    return TRUE;
}

/* What follows the `=`: items with commas between them and no blanks. */
static gboolean parse_items(Parser *parser, Key key, Value *value, GError **error)
{
    const char *name = keys[key].text;

    for (;;) {
        if (!add_item(parser, name, value, error) || !parser_advance(parser, error))
            return FALSE;
        if (parser->token.kind != TOKEN_COMMA)
            break;
        if (parser->token.spaced)
            return policy_fail(error, &parser->token.place, "no space may stand before a comma");
        if (keys[key].shape == SHAPE_ONE)
            return policy_fail(error, &parser->token.place, "'%s=' takes one value, not a list",
                               name);
        if (!parser_advance(parser, error))
            return FALSE;
        if (at_word(parser) && parser->token.spaced)
            return policy_fail(error, &parser->token.place, "no space may stand after a comma");
    }
    if (parser->token.kind == TOKEN_EQUALS)
        return policy_fail(error, &parser->token.place, "an '=' in a value must be quoted");
    return TRUE;
}

static gboolean parse_key(Parser *parser, Statement *statement, GError **error)
{
    PolicyPlace place = parser->token.place;
    g_autofree char *word = NULL;
    g_autoptr(Value) value = value_new(&place);
    gboolean has_value;
    Key key = KEYS_MAX;

    if (!at_word(parser) || parser->token.quoted)
        return policy_fail(error, &place, "a key was expected here, as in 'user=root'");
    word = g_steal_pointer(&parser->token.text);
    if (!find_key(statement, &place, word, &key, error) || !parser_advance(parser, error))
        return FALSE;
    if (statement->values[key])
        return policy_fail(error, &place, "'%s' a second time in one statement%s", word,
                           keys[key].shape == SHAPE_LIST ? "; write a list, as in 'a,b'" : "");
    has_value = parser->token.kind == TOKEN_EQUALS;
    if (has_value && keys[key].shape == SHAPE_FLAG)
        return policy_fail(error, &parser->token.place, "'%s' takes no value", word);
    if (!has_value && keys[key].shape != SHAPE_FLAG)
        return policy_fail(error, &place, "'%s' needs a value: '%s=VALUE'", word, word);
    if (has_value) {
        if (parser->token.spaced)
            return policy_fail(error, &parser->token.place, "no space may stand before '='");
        if (!parser_advance(parser, error) || !parse_items(parser, key, value, error))
            return FALSE;
    }
    statement->values[key] = g_steal_pointer(&value);
    return TRUE;
}

static gboolean parse_argument(Parser *parser, Statement *statement, const char *what,
                               GError **error)
{
    if (!at_word(parser) || !*parser->token.text)
        return policy_fail(error, &parser->token.place, "'%s' needs %s",
                           statement_text(statement->kind), what);
    statement->argument = item_new(g_steal_pointer(&parser->token.text), &parser->token.place);
    if (!parser_advance(parser, error))
        return FALSE;
    if (statement->kind == STATEMENT_INCLUDE && !at_word(parser) &&
        parser->token.kind != TOKEN_END_OF_LINE)
        return policy_fail(error, &parser->token.place,
                           "'=' and ',' in a file's name must be quoted");
    if (parser->token.kind == TOKEN_EQUALS)
        return policy_fail(error, &statement->argument->place, "'%s' needs %s",
                           statement_text(statement->kind), what);
    return TRUE;
}

static gboolean parse_statement(Parser *parser, Statement **statementp, GError **error)
{
    g_autoptr(Statement) statement = g_new0(Statement, 1);
    const char *argument = NULL;

    if (!at_word(parser) || parser->token.quoted)
        return policy_fail(error, &parser->token.place, "a statement was expected here");
    for (size_t i = 0; i < G_N_ELEMENTS(statements); i++) {
        if (g_str_equal(statements[i].text, parser->token.text)) {
            statement->kind = statements[i].kind;
            argument = statements[i].argument;
        }
    }
    if (statement->kind == 0)
        return fail_unknown_statement(parser, error);
    statement->place = parser->token.place;
    statement->source = lexer_line_text(&parser->lexer);
    if (!parser_advance(parser, error))
        return FALSE;
    if (argument && !parse_argument(parser, statement, argument, error))
        return FALSE;
    while (parser->token.kind != TOKEN_END_OF_LINE) {
        if (!parse_key(parser, statement, error))
            return FALSE;
    }
    *statementp = g_steal_pointer(&statement);
    return TRUE;
}

static gboolean parse_all(Parser *parser, ParseTake take, gpointer data, GError **error)
{
    if (!parser_advance(parser, error))
        return FALSE;
    while (parser->token.kind != TOKEN_END) {
        Statement *statement = NULL;

        if (parser->token.kind != TOKEN_END_OF_LINE) {
            if (!parse_statement(parser, &statement, error) || !take(statement, data, error))
                return FALSE;
        }
        if (!parser_advance(parser, error))
            return FALSE;
    }
    return TRUE;
}

gboolean policy_parse(const char *file, const char *text, gsize size, ParseTake take, gpointer data,
                      GError **error)
{
    Parser parser = {0};
    gboolean parsed =
        lexer_init(&parser.lexer, file, text, size, error) && parse_all(&parser, take, data, error);

    token_clear(&parser.token);
    return parsed;
}
