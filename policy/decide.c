/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Who may. Pure, and the heart of it all: short enough to be read aloud. The first rule whose
 * conditions are all met decides; if none is, the answer is no.
 *
 * A user is met by the own uid and by that of the owner of the subordinate range it lies in. The
 * own uid counts too, so that a range that covers real users by mistake voids no `deny` of theirs.
 */
#include "policy/internal.h"
#include "policy/subuid.h"

static gboolean matches_user(const PolicyRule *rule, uid_t uid, uid_t owner)
{
    if (!rule->users)
        return TRUE;
    for (guint i = 0; i < rule->users->len; i++) {
        uid_t named = g_array_index(rule->users, uid_t, i);

        if (named == uid || named == owner)
            return TRUE;
    }
    return FALSE;
}

static gboolean in_group(const PolicySubject *subject, gid_t gid)
{
    if (subject->gid == gid)
        return TRUE;
    for (size_t i = 0; i < subject->n_groups; i++) {
        if (subject->groups[i] == gid)
            return TRUE;
    }
    return FALSE;
}

static gboolean matches_group(const PolicyRule *rule, const PolicySubject *subject)
{
    if (!rule->groups)
        return TRUE;
    for (guint i = 0; i < rule->groups->len; i++) {
        if (in_group(subject, g_array_index(rule->groups, gid_t, i)))
            return TRUE;
    }
    return FALSE;
}

static gboolean matches_network(const PolicyRule *rule, const PolicyNetwork *network)
{
    return !rule->networks || g_ptr_array_find(rule->networks, network, NULL);
}

void policy_decide(const Policy *policy, const PolicySubject *subject, const PolicyNetwork *network,
                   DeviceType type, PolicyDecision *decision)
{
    uid_t owner = policy_owner(policy, subject->uid);

    *decision = (PolicyDecision){.owner = owner};
    if (!(network->types & type)) {
        decision->place = &network->place;
        return;
    }
    for (guint i = 0; i < policy->rules->len; i++) {
        const PolicyRule *rule = g_ptr_array_index(policy->rules, i);

        if (!(rule->types & type) || !matches_network(rule, network) ||
            !matches_user(rule, subject->uid, owner) || !matches_group(rule, subject))
            continue;
        decision->place = &rule->statement->place;
        decision->allowed = rule->allow;
        decision->by_group = !rule->allow && rule->groups;
        if (rule->allow)
            decision->limits = rule->limits;
        return;
    }
}

gboolean policy_could_allow(const Policy *policy, uid_t uid, const PolicyNetwork *network,
                            DeviceType type)
{
    uid_t owner = policy_owner(policy, uid);

    for (guint i = 0; (network->types & type) && i < policy->rules->len; i++) {
        const PolicyRule *rule = g_ptr_array_index(policy->rules, i);

        if (!(rule->types & type) || !matches_network(rule, network) ||
            !matches_user(rule, uid, owner))
            continue;
        /* A group that is named may be met or not; one whose names are all unknown is not. */
        if (rule->allow && (!rule->groups || rule->groups->len > 0))
            return TRUE;
        if (!rule->allow && !rule->groups)
            return FALSE;
    }
    return FALSE;
}

uid_t policy_owner(const Policy *policy, uid_t uid)
{
    return subuid_owner(policy->subuids, uid);
}
