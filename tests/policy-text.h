/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * A policy out of memory, with a user database out of memory, for unit tests and the fuzz target.
 * Every include is taken as one that names nothing.
 */
#pragma once

#include "policy/assemble.h"
#include "policy/parse.h"
#include "policy/subuid.h"

#include <string.h>

static const struct {
    const char *name;
    guint32 id;
} text_users[] = {{"root", 0},
                  {"member", 1000},
                  {"stranger", 1001},
                  {"guest", 1002},
                  {"DOM\\joe doe", 5000}},
  text_groups[] = {{"kvm", 36}, {"lab", 40}, {"banned", 66}};

static inline gboolean text_user(gpointer data, const char *name, uid_t *uidp)
{
    for (size_t i = 0; i < G_N_ELEMENTS(text_users); i++) {
        if (g_str_equal(text_users[i].name, name)) {
            *uidp = text_users[i].id;
            return TRUE;
        }
    }
    return FALSE;
}

static inline gboolean text_group(gpointer data, const char *name, gid_t *gidp)
{
    for (size_t i = 0; i < G_N_ELEMENTS(text_groups); i++) {
        if (g_str_equal(text_groups[i].name, name)) {
            *gidp = text_groups[i].id;
            return TRUE;
        }
    }
    return FALSE;
}

static const NameSource text_names = {.user = text_user, .group = text_group};

static inline gboolean text_take(Statement *taken, gpointer data, GError **error)
{
    Tree *tree = data;

    if (taken->kind == STATEMENT_INCLUDE)
        statement_free(taken);
    else
        g_ptr_array_add(tree->statements, taken);
    return TRUE;
}

/* `subuid` is the text of an /etc/subuid, or NULL. The policy's file is called `policy`. */
static inline Policy *text_policy(const char *text, gsize size, const char *subuid,
                                  PolicyLoadFlags flags, GPtrArray *warnings, GError **error)
{
    g_autoptr(Tree) tree = tree_new();
    GArray *ranges;

    if (!policy_parse(tree_add_file(tree, "policy"), text, size, text_take, tree, error))
        return NULL;
    ranges = g_array_new(FALSE, FALSE, sizeof(SubuidRange));
    if (subuid)
        subuid_parse(ranges, "subuid", subuid, strlen(subuid), &text_names, warnings);
    return policy_assemble(g_steal_pointer(&tree), ranges, &text_names, flags, warnings, error);
}
