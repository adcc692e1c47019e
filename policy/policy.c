/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * A loaded policy: its memory and its networks. Nothing in it changes once it is loaded, so that a
 * request that is under way keeps a reference while a reload puts a new policy in its place.
 */
#include "policy/internal.h"
#include "policy/names.h"

#include <string.h>

PolicyNetwork *policy_network_new(void)
{
    PolicyNetwork *network = g_new0(PolicyNetwork, 1);

    network->only = g_array_new(FALSE, FALSE, sizeof(PolicyPrefix));
    network->except = g_array_new(FALSE, FALSE, sizeof(PolicyPrefix));
    return network;
}

void policy_network_free(PolicyNetwork *network)
{
    if (!network)
        return;
    g_array_unref(network->only);
    g_array_unref(network->except);
    g_free(network->name);
    g_free(network->parent);
    g_free(network);
}

PolicyRule *policy_rule_new(const Statement *statement)
{
    PolicyRule *rule = g_new0(PolicyRule, 1);

    rule->statement = statement;
    rule->allow = statement->kind == STATEMENT_ALLOW;
    return rule;
}

void policy_rule_free(PolicyRule *rule)
{
    if (!rule)
        return;
    g_clear_pointer(&rule->users, g_array_unref);
    g_clear_pointer(&rule->groups, g_array_unref);
    g_clear_pointer(&rule->networks, g_ptr_array_unref);
    g_free(rule);
}

Policy *policy_new(Tree *tree)
{
    Policy *policy = g_new0(Policy, 1);

    g_atomic_ref_count_init(&policy->references);
    policy->tree = tree;
    policy->networks = g_ptr_array_new_with_free_func((GDestroyNotify)policy_network_free);
    policy->rules = g_ptr_array_new_with_free_func((GDestroyNotify)policy_rule_free);
    policy->subuids = g_array_new(FALSE, FALSE, sizeof(SubuidRange));
    policy->users = names_new();
    return policy;
}

Policy *policy_ref(Policy *policy)
{
    g_atomic_ref_count_inc(&policy->references);
    return policy;
}

void policy_unref(Policy *policy)
{
    if (!policy || !g_atomic_ref_count_dec(&policy->references))
        return;
    g_ptr_array_unref(policy->rules);
    g_ptr_array_unref(policy->networks);
    g_array_unref(policy->subuids);
    g_hash_table_unref(policy->users);
    tree_free(policy->tree);
    g_free(policy);
}

const char *policy_file(const Policy *policy)
{
    return g_ptr_array_index(policy->tree->files, 0);
}

const char *policy_user_name(const Policy *policy, uid_t uid)
{
    return g_hash_table_lookup(policy->users, GUINT_TO_POINTER(uid));
}

size_t policy_n_rules(const Policy *policy)
{
    return policy->rules->len;
}

size_t policy_n_networks(const Policy *policy)
{
    return policy->networks->len;
}

const PolicyNetwork *policy_network(const Policy *policy, size_t index)
{
    g_return_val_if_fail(index < policy->networks->len, NULL);
    return g_ptr_array_index(policy->networks, index);
}

const PolicyNetwork *policy_network_by_name(const Policy *policy, const char *name)
{
    for (size_t i = 0; i < policy_n_networks(policy); i++) {
        const PolicyNetwork *network = policy_network(policy, i);

        if (g_str_equal(network->name, name))
            return network;
    }
    return NULL;
}

static const PolicyNetwork *default_network(const Policy *policy)
{
    for (size_t i = 0; i < policy_n_networks(policy); i++) {
        const PolicyNetwork *network = policy_network(policy, i);

        if (network->is_default)
            return network;
    }
    return NULL;
}

const PolicyNetwork *policy_network_for_request(const Policy *policy, const char *name)
{
    const PolicyNetwork *network = policy_network_by_name(policy, name);

    /* br0 is what QEMU asks its helper for when the user named no bridge. */
    if (!network && (g_str_equal(name, "") || g_str_equal(name, "br0")))
        network = default_network(policy);
    return network;
}
