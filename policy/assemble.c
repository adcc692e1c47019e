/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * From a syntax tree to a Policy: first all networks, then all rules, since a rule may name a
 * network that stands further down. It opens nothing; names are asked from whom the caller says.
 * A numeric policy that arrives on a socket takes this way too.
 */
#include "policy/assemble.h"

#include "policy/check.h"
#include "policy/network.h"
#include "policy/values.h"

static gboolean add_networks(Policy *policy, GError **error)
{
    for (guint i = 0; i < policy->tree->statements->len; i++) {
        const Statement *statement = g_ptr_array_index(policy->tree->statements, i);
        PolicyNetwork *network;

        if (statement->kind != STATEMENT_NETWORK)
            continue;
        network = network_build(statement, error);
        if (!network)
            return FALSE;
        g_ptr_array_add(policy->networks, network);
    }
    return check_networks(policy, error);
}

static gboolean read_limits(PolicyRule *rule, GError **error)
{
    Value *const *values = rule->statement->values;

    rule->limits = (PolicyLimits){.devices = POLICY_DEVICES_DEFAULT,
                                  .queues = POLICY_QUEUES_DEFAULT,
                                  .addresses = POLICY_ADDRESSES_DEFAULT};
    return value_number(values[KEY_DEVICES], KEY_DEVICES, 1, POLICY_DEVICES_MAX,
                        &rule->limits.devices, error) &&
           value_number(values[KEY_QUEUES], KEY_QUEUES, 1, DEVICE_QUEUES_MAX, &rule->limits.queues,
                        error) &&
           value_number(values[KEY_ADDRESSES], KEY_ADDRESSES, 1, POLICY_ADDRESSES_MAX,
                        &rule->limits.addresses, error);
}

static gboolean add_rules(Policy *policy, const NameSource *names, PolicyLoadFlags flags,
                          GPtrArray *warnings, GError **error)
{
    for (guint i = 0; i < policy->tree->statements->len; i++) {
        const Statement *statement = g_ptr_array_index(policy->tree->statements, i);
        g_autoptr(PolicyRule) rule = NULL;

        if (!(statement->kind & (STATEMENT_ALLOW | STATEMENT_DENY)))
            continue;
        rule = policy_rule_new(statement);
        rule->types = DEVICE_TYPES_ALL;
        if (!value_types(statement->values[KEY_TYPE], &rule->types, NULL, error) ||
            !read_limits(rule, error) || !check_rule_networks(policy, rule, error) ||
            !resolve_rule(rule, policy->users, names, flags, warnings, error))
            return FALSE;
        g_ptr_array_add(policy->rules, g_steal_pointer(&rule));
    }
    return TRUE;
}

Policy *policy_assemble(Tree *tree, GArray *subuids, const NameSource *names, PolicyLoadFlags flags,
                        GPtrArray *warnings, GError **error)
{
    g_autoptr(Policy) policy = policy_new(tree);

    if (subuids) {
        g_array_unref(policy->subuids);
        policy->subuids = subuids;
    }
    if (!add_networks(policy, error) || !add_rules(policy, names, flags, warnings, error))
        return NULL;
    check_oddities(policy, warnings);
    return g_steal_pointer(&policy);
}
