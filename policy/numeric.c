/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * A policy travels as its syntax tree, with ids where names were. Whoever reads it assembles it
 * anew: so all that a file must keep to is checked again, by the same code, and two policies cannot
 * differ in what they decide unless they differ in their text.
 *
 * The reader believes nothing. Sizes are bounded before anything is kept, no name is looked up (all
 * users and groups must be digits), and a value may only stand where the language has it.
 */
#include "policy/numeric.h"

#include "policy/assemble.h"
#include "policy/load.h"
#include "policy/names.h"
#include "policy/parse.h"
#include "wire/line.h"

#include <string.h>

#define HEADER "numeric-policy"
#define VERSION 1
#define FILE_NAME_MAX 1024 /* bytes that are shown of one */
#define RANGES_MAX 16384

/* ── writing ────────────────────────────────────────────────────────────────────────────────────
 */

typedef struct {
    LineWriter writer;
    char buffer[LINE_SIZE_MAX];
} TextLine;

static void begin(TextLine *line, const char *word)
{
    line_writer_init(&line->writer, line->buffer, sizeof line->buffer);
    line_write_word(&line->writer, word);
}

static void end(TextLine *line, GString *text)
{
    gboolean fits = line_writer_end(&line->writer);

    g_assert(fits);
    g_string_append_len(text, line->buffer, (gssize)line->writer.used);
}

static void append_file(GString *text, const char *name)
{
    g_autofree char *shown = g_strndup(name, FILE_NAME_MAX);
    TextLine line;

    for (char *byte = shown; *byte; byte++) {
        if (g_ascii_iscntrl(*byte))
            *byte = '?';
    }
    begin(&line, "file");
    line_write(&line.writer, "name", shown);
    end(&line, text);
}

static int by_number(gconstpointer left, gconstpointer right)
{
    guint one = GPOINTER_TO_UINT(left), other = GPOINTER_TO_UINT(right);

    return one < other ? -1 : one > other;
}

static void append_users(GString *text, GHashTable *users)
{
    g_autoptr(GList) uids = g_list_sort(g_hash_table_get_keys(users), by_number);

    for (const GList *uid = uids; uid; uid = uid->next) {
        TextLine line;

        begin(&line, "user");
        line_write_u64(&line.writer, "uid", GPOINTER_TO_UINT(uid->data));
        line_write(&line.writer, "name", g_hash_table_lookup(users, uid->data));
        end(&line, text);
    }
}

static void append_subuids(GString *text, const GArray *ranges)
{
    for (guint i = 0; i < ranges->len; i++) {
        const SubuidRange *range = &g_array_index(ranges, SubuidRange, i);
        TextLine line;

        begin(&line, "subuid");
        line_write_u64(&line.writer, "start", range->start);
        line_write_u64(&line.writer, "count", range->count);
        line_write_u64(&line.writer, "owner", range->owner);
        end(&line, text);
    }
}

/* `value` NULL: the key alone. */
static void append_value(GString *text, Key key, const char *value)
{
    TextLine line;

    begin(&line, "value");
    line_write(&line.writer, "key", key_text(key));
    if (value)
        line_write(&line.writer, "text", value);
    end(&line, text);
}

static void append_ids(GString *text, Key key, const GArray *ids)
{
    char digits[sizeof "4294967295"];

    if (ids->len == 0)
        append_value(text, key, NULL);
    for (guint i = 0; i < ids->len; i++) {
        g_snprintf(digits, sizeof digits, "%u", (guint)g_array_index(ids, guint32, i));
        append_value(text, key, digits);
    }
}

static void append_values(GString *text, const Statement *statement, Key key)
{
    const Value *value = statement->values[key];

    if (!value)
        return;
    if (value->items->len == 0)
        append_value(text, key, NULL);
    for (guint i = 0; i < value->items->len; i++)
        append_value(text, key, value_item(value, i)->text);
}

static guint file_number(const Tree *tree, const PolicyPlace *place)
{
    guint number = 0;

    g_ptr_array_find(tree->files, place->file, &number);
    return number;
}

/* `rule` is that of the statement, NULL for a network. */
static void append_statement(GString *text, const Policy *policy, const Statement *statement,
                             const PolicyRule *rule)
{
    TextLine line;

    begin(&line, statement_text(statement->kind));
    line_write_u64(&line.writer, "file", file_number(policy->tree, &statement->place));
    line_write_u64(&line.writer, "line", statement->place.line);
    line_write_u64(&line.writer, "column", statement->place.column);
    if (statement->argument)
        line_write(&line.writer, "name", statement->argument->text);
    end(&line, text);
    for (Key key = 0; key < KEYS_MAX; key++) {
        if (key == KEY_USER && rule && rule->users)
            append_ids(text, key, rule->users);
        else if (key == KEY_GROUP && rule && rule->groups)
            append_ids(text, key, rule->groups);
        else
            append_values(text, statement, key);
    }
}

char *policy_to_text(const Policy *policy)
{
    GString *text = g_string_new(NULL);
    const Tree *tree = policy->tree;
    guint rule = 0;
    TextLine line;

    G_STATIC_ASSERT(sizeof(uid_t) == sizeof(guint32) && sizeof(gid_t) == sizeof(guint32));
    begin(&line, HEADER);
    line_write_u64(&line.writer, "version", VERSION);
    end(&line, text);
    for (guint i = 0; i < tree->files->len; i++)
        append_file(text, g_ptr_array_index(tree->files, i));
    append_users(text, policy->users);
    append_subuids(text, policy->subuids);
    for (guint i = 0; i < tree->statements->len; i++) {
        const Statement *statement = g_ptr_array_index(tree->statements, i);

        /* Rules stand in the order of their statements. */
        append_statement(
            text, policy, statement,
            statement->kind == STATEMENT_NETWORK ? NULL : g_ptr_array_index(policy->rules, rule++));
    }
    return g_string_free(text, FALSE);
}

/* ── reading ────────────────────────────────────────────────────────────────────────────────────
 */

typedef struct {
    guint line;
    gboolean begun; /* the header has been read */
    Tree *tree;
    GArray *subuids;
    GHashTable *users;
    Statement *statement; /* the last one, of the tree's; NULL: none yet */
} TextReader;

static gboolean fail(const TextReader *reader, GError **error, const char *what)
{
    g_set_error(error, POLICY_ERROR, POLICY_ERROR_SYNTAX, "line %u: %s", reader->line, what);
    return FALSE;
}

static gboolean read_number(const Line *line, const char *key, guint64 maximum, guint *numberp)
{
    const char *text = line_get(line, key);
    uint64_t number;

    if (!text || !line_parse_u64(text, &number) || number > maximum)
        return FALSE;
    *numberp = (guint)number;
    return TRUE;
}

/* Texts end up in messages. */
static gboolean is_fit(const char *text)
{
    while ((guchar)*text >= 0x20 && *text != 0x7f)
        text++;
    return *text == '\0';
}

static const char *read_text(const Line *line, const char *key)
{
    const char *text = line_get(line, key);

    return text && *text && is_fit(text) ? text : NULL;
}

static gboolean read_header(TextReader *reader, const Line *line, GError **error)
{
    guint version;

    if (!line->word || !g_str_equal(line->word, HEADER))
        return fail(reader, error, "this is no numeric policy");
    if (!read_number(line, "version", G_MAXUINT, &version) || version != VERSION)
        return fail(reader, error, "a numeric policy of another version");
    reader->begun = TRUE;
    return TRUE;
}

static gboolean read_file(TextReader *reader, const Line *line, GError **error)
{
    const char *name = read_text(line, "name");

    if (!name || strlen(name) > FILE_NAME_MAX)
        return fail(reader, error, "a file has a name");
    if (reader->tree->files->len >= POLICY_FILES_MAX)
        return fail(reader, error, "too many files");
    tree_add_file(reader->tree, name);
    return TRUE;
}

static gboolean read_user(TextReader *reader, const Line *line, GError **error)
{
    const char *name = read_text(line, "name");
    guint uid;

    if (!name || !read_number(line, "uid", G_MAXUINT32 - 1, &uid))
        return fail(reader, error, "a user has a uid and a name");
    names_add(reader->users, uid, name);
    return TRUE;
}

static gboolean read_subuid(TextReader *reader, const Line *line, GError **error)
{
    guint start, count, owner;

    if (!read_number(line, "start", G_MAXUINT32 - 1, &start) ||
        !read_number(line, "count", G_MAXUINT32 - (guint64)start, &count) ||
        !read_number(line, "owner", G_MAXUINT32 - 1, &owner) || owner == 0)
        return fail(reader, error, "a subuid has a start, a count and an owner who is not root");
    if (reader->subuids->len >= RANGES_MAX)
        return fail(reader, error, "too many ranges of subordinate uids");
    SubuidRange range = {.start = start, .count = count, .owner = owner};
    g_array_append_val(reader->subuids, range);
    return TRUE;
}

static gboolean read_place(TextReader *reader, const Line *line, PolicyPlace *place)
{
    guint file;

    if (!read_number(line, "file", G_MAXUINT, &file) || file >= reader->tree->files->len ||
        !read_number(line, "line", G_MAXINT, &place->line) ||
        !read_number(line, "column", G_MAXINT, &place->column))
        return FALSE;
    place->file = g_ptr_array_index(reader->tree->files, file);
    return TRUE;
}

static gboolean read_statement(TextReader *reader, const Line *line, StatementKind kind,
                               GError **error)
{
    const char *name = read_text(line, "name");
    PolicyPlace place;

    if (!read_place(reader, line, &place))
        return fail(reader, error, "a statement has a file, a line and a column");
    if ((kind == STATEMENT_NETWORK) != (name != NULL))
        return fail(reader, error, "a network has a name, and a rule has none");
    if (reader->tree->statements->len >= POLICY_STATEMENTS_MAX)
        return fail(reader, error, "too many statements");
    reader->statement = g_new0(Statement, 1);
    reader->statement->kind = kind;
    reader->statement->place = place;
    if (name)
        reader->statement->argument = item_new(g_strdup(name), &place);
    g_ptr_array_add(reader->tree->statements, reader->statement);
    return TRUE;
}

static gboolean find_key(const char *word, Key *keyp)
{
    for (Key key = 0; word && key < KEYS_MAX; key++) {
        if (g_str_equal(key_text(key), word)) {
            *keyp = key;
            return TRUE;
        }
    }
    return FALSE;
}

/* Names are for those who can look them up. */
static gboolean is_id(const char *text)
{
    const char *byte = text;

    while (g_ascii_isdigit(*byte))
        byte++;
    return *byte == '\0';
}

static gboolean read_value(TextReader *reader, const Line *line, GError **error)
{
    Statement *statement = reader->statement;
    const char *text = read_text(line, "text");
    Key key;

    if (!statement || !find_key(line_get(line, "key"), &key))
        return fail(reader, error, "a value has a key, and belongs to a statement");
    if (line_get(line, "text") && !text)
        return fail(reader, error, "a text is not empty, and holds no control characters");

    gboolean names_ids = key == KEY_USER || key == KEY_GROUP;
    if (text && names_ids && !is_id(text))
        return fail(reader, error, "users and groups are numbers");
    if (!statement->values[key])
        statement->values[key] = value_new(&statement->place);
    GPtrArray *items = statement->values[key]->items;
    if (text)
        g_ptr_array_add(items, item_new(g_strdup(text), &statement->place));
    if (!key_takes(key, statement->kind, items->len) &&
        !(names_ids && items->len == 0 && key_takes(key, statement->kind, 1)))
        return fail(reader, error, "a key where the language has none, or not with that value");
    return TRUE;
}

static gboolean read_line(TextReader *reader, const Line *line, GError **error)
{
    const char *word = line->word ? line->word : "";

    if (!reader->begun)
        return read_header(reader, line, error);
    if (g_str_equal(word, "file"))
        return read_file(reader, line, error);
    if (g_str_equal(word, "user"))
        return read_user(reader, line, error);
    if (g_str_equal(word, "subuid"))
        return read_subuid(reader, line, error);
    if (g_str_equal(word, "value"))
        return read_value(reader, line, error);
    if (g_str_equal(word, "network"))
        return read_statement(reader, line, STATEMENT_NETWORK, error);
    if (g_str_equal(word, "allow"))
        return read_statement(reader, line, STATEMENT_ALLOW, error);
    if (g_str_equal(word, "deny"))
        return read_statement(reader, line, STATEMENT_DENY, error);
    return fail(reader, error, "an unknown word");
}

static gboolean read_lines(TextReader *reader, const char *text, gsize size, GError **error)
{
    for (gsize start = 0; start < size;) {
        const char *newline = memchr(text + start, '\n', size - start);
        Line line;

        reader->line++;
        if (!newline)
            return fail(reader, error, "the text ends inside a line");
        gsize length = (gsize)(newline - (text + start));
        LineResult result = line_parse(&line, text + start, length);
        if (result != LINE_OK)
            return fail(reader, error, line_result_text(result));
        if (!read_line(reader, &line, error))
            return FALSE;
        start += length + 1;
    }
    if (!reader->begun || reader->tree->files->len == 0)
        return fail(reader, error, "the text ends before it says which file it was");
    return TRUE;
}

/* All ids are digits, which are never looked up. */
static gboolean nobody(gpointer data, const char *name, guint32 *idp)
{
    return FALSE;
}

Policy *policy_from_text(const char *text, gsize size, GError **error)
{
    static const NameSource no_names = {.user = nobody, .group = nobody};
    g_autoptr(Tree) tree = tree_new();
    g_autoptr(GArray) subuids = g_array_new(FALSE, FALSE, sizeof(SubuidRange));
    g_autoptr(GHashTable) users = names_new();
    TextReader reader = {.tree = tree, .subuids = subuids, .users = users};

    if (size > POLICY_TEXT_MAX) {
        g_set_error(error, POLICY_ERROR, POLICY_ERROR_SYNTAX,
                    "a numeric policy has at most %d bytes", POLICY_TEXT_MAX);
        return NULL;
    }
    if (!read_lines(&reader, text, size, error))
        return NULL;
    Policy *policy = policy_assemble(g_steal_pointer(&tree), g_steal_pointer(&subuids), &no_names,
                                     POLICY_LOAD_DEFAULT, NULL, error);
    if (policy) {
        g_hash_table_unref(policy->users);
        policy->users = g_steal_pointer(&users);
    }
    return policy;
}
