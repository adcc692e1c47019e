/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * From text to statements.
 */
#pragma once

#include "policy/tree.h"

#define POLICY_STATEMENTS_MAX 4096 /* in all files together */
#define POLICY_LIST_MAX 1024       /* entries */
#define POLICY_NETWORK_NAME_HELP                                                                   \
    "a letter or digit, then at most 62 letters, digits, '.', '_' or '-'"

/* Called for each statement in the order of the text. Takes it over; FALSE ends the parsing. This
 * is where an include is replaced by what it names, by whoever can open files. */
typedef gboolean (*ParseTake)(Statement *statement, gpointer data, GError **error);

/* `file` must live as long as the statements (tree_add_file()). */
gboolean policy_parse(const char *file, const char *text, gsize size, ParseTake take, gpointer data,
                      GError **error);

/* Whether a statement of that kind may have the key with so many values (0: the bare word). */
gboolean key_takes(Key key, StatementKind kind, guint values);

/* The word that the language uses for it, without `=`. */
const char *key_text(Key key);
const char *statement_text(StatementKind kind);
