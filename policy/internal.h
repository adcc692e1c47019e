/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * What a Policy is made of, for the files of this folder.
 */
#pragma once

#include "policy/policy.h"
#include "policy/tree.h"

/* A condition that was not written (NULL, or no type) is met by everything. One that was written
 * but has no entry left, since its names are unknown, is met by nothing. */
typedef struct {
    const Statement *statement; /* of the policy's tree; its place is the rule's */
    gboolean allow;
    GArray *users;       /* of uid_t */
    GArray *groups;      /* of gid_t */
    GPtrArray *networks; /* of const PolicyNetwork *, not owned */
    guint types;         /* set of DeviceType */
    PolicyLimits limits;
} PolicyRule;

/* A range of /etc/subuid. */
typedef struct {
    uid_t start;
    guint32 count;
    uid_t owner;
} SubuidRange;

struct Policy {
    gatomicrefcount references;
    Tree *tree;
    GPtrArray *networks; /* of PolicyNetwork */
    GPtrArray *rules;    /* of PolicyRule */
    GArray *subuids;     /* of SubuidRange */
    GHashTable *users;   /* uid -> name, see policy/names.h */
};

/* Takes over the tree. No networks, rules and ranges yet. */
Policy *policy_new(Tree *tree);

PolicyNetwork *policy_network_new(void);
void policy_network_free(PolicyNetwork *network);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PolicyNetwork, policy_network_free)
PolicyRule *policy_rule_new(const Statement *statement);
void policy_rule_free(PolicyRule *rule);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PolicyRule, policy_rule_free)
