/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The syntax tree: statements as they were written, with places, nothing resolved.
 */
#pragma once

#include "policy/policy.h"

typedef enum {
    STATEMENT_NETWORK = 1 << 0,
    STATEMENT_ALLOW = 1 << 1,
    STATEMENT_DENY = 1 << 2,
    STATEMENT_INCLUDE = 1 << 3,
} StatementKind;

typedef enum {
    KEY_PARENT,
    KEY_DEFAULT,
    KEY_TYPES,
    KEY_MODE,
    KEY_MAC,
    KEY_GUARD,
    KEY_ONLY,
    KEY_EXCEPT,
    KEY_STATIC,
    KEY_HOST,
    KEY_USER,
    KEY_GROUP,
    KEY_NETWORK,
    KEY_TYPE,
    KEY_DEVICES,
    KEY_QUEUES,
    KEY_ADDRESSES,
    KEYS_MAX,
} Key;

typedef struct {
    char *text;
    PolicyPlace place;
} Item;

/* A key that was written. A flag (`default`) has no items, any other at least one. */
typedef struct {
    PolicyPlace place;
    GPtrArray *items; /* of Item */
} Value;

typedef struct {
    StatementKind kind;
    PolicyPlace place;
    Item *argument;          /* the name of a network, the pattern of an include; else NULL */
    Value *values[KEYS_MAX]; /* NULL where a key was not written */
    char *source;            /* the line, without blanks around it */
} Statement;

/* Statements in the order in which they count: each include is replaced by what it includes. */
typedef struct {
    GPtrArray *statements; /* of Statement */
    GPtrArray *files;      /* of char *: where PolicyPlace.file points into */
} Tree;

Tree *tree_new(void);
void tree_free(Tree *tree);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Tree, tree_free)

/* A copy of `name` that lives as long as the tree. */
const char *tree_add_file(Tree *tree, const char *name);

/* Takes over `text`. */
Item *item_new(char *text, const PolicyPlace *place);
Value *value_new(const PolicyPlace *place);
void statement_free(Statement *statement);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Statement, statement_free)
void value_free(Value *value);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Value, value_free)

static inline const Item *value_item(const Value *value, guint index)
{
    return g_ptr_array_index(value->items, index);
}
