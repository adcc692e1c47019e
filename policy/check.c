/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * What statements must not say together. Pure. The message names both lines; its place is that of
 * the later one.
 *
 * On one parent the kernel knows one family (ipvtap and ipvlan, or macvtap and macvlan: each takes
 * the only receive handler) and, for ipvlan, one mode: every new link overwrites it for all its
 * siblings. Two networks that differ there would change each other's rules. And the host's way to
 * its guests (host=on) leads to all that are on the parent.
 */
#include "policy/check.h"

#include "policy/network.h"
#include "policy/place.h"
#include "policy/suggest.h"
#include "policy/subuid.h"

static const char *mode_text(PolicyMode mode)
{
    return mode == POLICY_MODE_BRIDGE ? "bridge" : "private";
}

static const char *switch_text(gboolean on)
{
    return on ? "on" : "off";
}

static const char *family_text(const PolicyNetwork *network)
{
    return network->types & NETWORK_TYPES_IP ? "ipvtap and ipvlan" : "macvtap and macvlan";
}

static gboolean check_pair(const PolicyNetwork *first, const PolicyNetwork *second, GError **error)
{
    const PolicyPlace *place = &first->place;

    if (g_str_equal(first->name, second->name))
        return policy_fail(error, &second->place, "network '%s' a second time; it stands at %s:%u",
                           second->name, place->file, place->line);
    if (first->is_default && second->is_default)
        return policy_fail(error, &second->place,
                           "a second default network; '%s' at %s:%u is the default", first->name,
                           place->file, place->line);
    if (!g_str_equal(first->parent, second->parent))
        return TRUE;
    if (!(first->types & NETWORK_TYPES_IP) != !(second->types & NETWORK_TYPES_IP))
        return policy_fail(error, &second->place,
                           "the parent '%s' has %s for network '%s' at %s:%u, and cannot have %s "
                           "besides",
                           second->parent, family_text(first), first->name, place->file,
                           place->line, family_text(second));
    if (first->mode != second->mode)
        return policy_fail(error, &second->place,
                           "the parent '%s' has mode=%s for network '%s' at %s:%u, and cannot have "
                           "mode=%s besides",
                           second->parent, mode_text(first->mode), first->name, place->file,
                           place->line, mode_text(second->mode));
    if (first->host != second->host)
        return policy_fail(error, &second->place,
                           "the parent '%s' has host=%s for network '%s' at %s:%u, and cannot have "
                           "host=%s besides",
                           second->parent, switch_text(first->host), first->name, place->file,
                           place->line, switch_text(second->host));
    return TRUE;
}

gboolean check_networks(const Policy *policy, GError **error)
{
    for (size_t second = 1; second < policy_n_networks(policy); second++) {
        for (size_t first = 0; first < second; first++) {
            if (!check_pair(policy_network(policy, first), policy_network(policy, second), error))
                return FALSE;
        }
    }
    return TRUE;
}

static gboolean fail_unknown_network(const Policy *policy, const Item *item, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    g_autofree char *all = NULL;
    const char *meant;

    for (size_t i = 0; i < policy_n_networks(policy); i++)
        g_ptr_array_add(names, policy_network(policy, i)->name);
    g_ptr_array_add(names, NULL);
    if (names->len == 1)
        return policy_fail(error, &item->place, "no network '%s'; the policy has none", item->text);
    meant = suggest(item->text, (const char *const *)names->pdata);
    all = g_strjoinv(", ", (char **)names->pdata);
    if (meant)
        return policy_fail(error, &item->place,
                           "no network '%s'; did you mean '%s'? the policy has: %s", item->text,
                           meant, all);
    return policy_fail(error, &item->place, "no network '%s'; the policy has: %s", item->text, all);
}

static gboolean check_rule_types(const PolicyRule *rule, const Value *types, GError **error)
{
    guint offered = 0;

    for (guint i = 0; i < rule->networks->len; i++)
        offered |= ((const PolicyNetwork *)g_ptr_array_index(rule->networks, i))->types;
    for (guint i = 0; i < types->items->len; i++) {
        const Item *item = value_item(types, i);
        const PolicyNetwork *network = g_ptr_array_index(rule->networks, 0);
        DeviceType type;

        if (!device_type_parse(item->text, &type) || (offered & type))
            continue;
        if (rule->networks->len == 1)
            return policy_fail(error, &item->place, "network '%s' at %s:%u has no %s",
                               network->name, network->place.file, network->place.line, item->text);
        return policy_fail(error, &item->place, "none of these networks has %s", item->text);
    }
    return TRUE;
}

gboolean check_rule_networks(const Policy *policy, PolicyRule *rule, GError **error)
{
    const Value *names = rule->statement->values[KEY_NETWORK];
    const Value *types = rule->statement->values[KEY_TYPE];

    if (!names)
        return TRUE;
    rule->networks = g_ptr_array_new();
    for (guint i = 0; i < names->items->len; i++) {
        const Item *item = value_item(names, i);
        const PolicyNetwork *network = policy_network_by_name(policy, item->text);

        if (!network)
            return fail_unknown_network(policy, item, error);
        g_ptr_array_add(rule->networks, (gpointer)network);
    }
    return !types || check_rule_types(rule, types, error);
}

static gboolean matches_everybody(const PolicyRule *rule)
{
    return !rule->users && !rule->groups && !rule->networks &&
           (rule->types & DEVICE_TYPES_ALL) == DEVICE_TYPES_ALL;
}

/* Two users who count as one: a rule that names the one also meets the other. */
static void warn_of_subordinates(const Policy *policy, const PolicyRule *rule, GPtrArray *warnings)
{
    for (guint i = 0; rule->users && i < rule->users->len; i++) {
        uid_t uid = g_array_index(rule->users, uid_t, i);
        uid_t owner = subuid_owner(policy->subuids, uid);

        if (owner != uid)
            policy_warn(warnings, &rule->statement->place,
                        "uid %u lies in a /etc/subuid range of uid %u and counts as that user",
                        (unsigned)uid, (unsigned)owner);
    }
}

void check_oddities(const Policy *policy, GPtrArray *warnings)
{
    const PolicyRule *last = NULL;
    gboolean allows = FALSE;

    for (guint i = 0; i < policy->rules->len; i++) {
        const PolicyRule *rule = g_ptr_array_index(policy->rules, i);
        const PolicyPlace *place = &rule->statement->place;

        if (last) {
            policy_warn(warnings, place, "never reached: the rule at %s:%u matches everybody",
                        last->statement->place.file, last->statement->place.line);
            return;
        }
        warn_of_subordinates(policy, rule, warnings);
        allows = allows || rule->allow;
        if (matches_everybody(rule))
            last = rule;
    }
    if (!allows || policy_n_networks(policy) == 0) {
        PolicyPlace start = {.file = g_ptr_array_index(policy->tree->files, 0), 1, 1};

        policy_warn(warnings, &start, "the policy has no %s, so that nobody may have a device",
                    policy_n_networks(policy) == 0 ? "network" : "allow");
    }
}
