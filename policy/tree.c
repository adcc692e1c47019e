/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The syntax tree's memory. A tree owns its statements and the names of the files they stand in;
 * the finished policy keeps its tree, for places and for the lines that `explain` quotes.
 */
#include "policy/tree.h"

static void item_free(Item *item)
{
    if (!item)
        return;
    g_free(item->text);
    g_free(item);
}

void value_free(Value *value)
{
    if (!value)
        return;
    g_ptr_array_unref(value->items);
    g_free(value);
}

void statement_free(Statement *statement)
{
    if (!statement)
        return;
    item_free(statement->argument);
    for (size_t key = 0; key < KEYS_MAX; key++)
        value_free(statement->values[key]);
    g_free(statement->source);
    g_free(statement);
}

Item *item_new(char *text, const PolicyPlace *place)
{
    Item *item = g_new0(Item, 1);

    item->text = text;
    item->place = *place;
    return item;
}

Value *value_new(const PolicyPlace *place)
{
    Value *value = g_new0(Value, 1);

    value->place = *place;
    value->items = g_ptr_array_new_with_free_func((GDestroyNotify)item_free);
    return value;
}

Tree *tree_new(void)
{
    Tree *tree = g_new0(Tree, 1);

    tree->statements = g_ptr_array_new_with_free_func((GDestroyNotify)statement_free);
    tree->files = g_ptr_array_new_with_free_func(g_free);
    return tree;
}

void tree_free(Tree *tree)
{
    if (!tree)
        return;
    g_ptr_array_unref(tree->statements);
    g_ptr_array_unref(tree->files);
    g_free(tree);
}

const char *tree_add_file(Tree *tree, const char *name)
{
    char *copy = g_strdup(name);

    g_ptr_array_add(tree->files, copy);
    return copy;
}
