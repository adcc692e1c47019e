/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * A decision in words, for ontap-policy and ontapctl. The line that decided is quoted as it was
 * when the policy was loaded, not as the file has it now.
 */
#include "policy/explain.h"

#include "policy/internal.h"

static gboolean same_line(const PolicyPlace *left, const PolicyPlace *right)
{
    return left->line == right->line && g_str_equal(left->file, right->file);
}

const char *policy_source(const Policy *policy, const PolicyPlace *place)
{
    for (guint i = 0; i < policy->tree->statements->len; i++) {
        const Statement *statement = g_ptr_array_index(policy->tree->statements, i);

        if (same_line(&statement->place, place))
            return statement->source;
    }
    return NULL;
}

static void append_limits(GString *text, const PolicyLimits *limits, const PolicyNetwork *network)
{
    g_string_append_printf(text,
                           "at most %u device%s at once on %s, %u queue%s and %u address%s "
                           "for each device\n",
                           limits->devices, limits->devices == 1 ? "" : "s", network->name,
                           limits->queues, limits->queues == 1 ? "" : "s", limits->addresses,
                           limits->addresses == 1 ? "" : "es");
    if (network->devices != G_MAXUINT)
        g_string_append_printf(text, "all users together: at most %u on %s\n", network->devices,
                               network->name);
}

static void append_line(GString *text, const Policy *policy, const PolicyPlace *place)
{
    const char *source = policy_source(policy, place);

    g_string_append_printf(text, "%s:%u: %s\n", place->file, place->line, source ? source : "");
}

char *policy_explain(const Policy *policy, const char *who, const PolicySubject *subject,
                     const PolicyNetwork *network, DeviceType type, const PolicyDecision *decision)
{
    GString *text = g_string_new(NULL);
    const char *word = device_type_text(type);

    g_string_append_printf(text, "%s: %s may %shave %s on %s\n", decision->allowed ? "yes" : "no",
                           who, decision->allowed ? "" : "not ", word, network->name);
    if (decision->allowed)
        append_limits(text, &decision->limits, network);
    if (!decision->place)
        g_string_append_printf(text,
                               "no rule matches, and then the answer is no; to change it: "
                               "allow user=%s network=%s type=%s\n",
                               who, network->name, word);
    else
        append_line(text, policy, decision->place);
    if (!(network->types & type))
        g_string_append_printf(text, "note: the types= of this network do not have %s\n", word);
    if (decision->allowed && type == DEVICE_IPVLAN && subject->uid != 0)
        g_string_append(text, "note: ontapd hands ipvlan to root alone, whatever the rules say\n");
    if (decision->owner != subject->uid)
        g_string_append_printf(text, "note: uid %u is a subordinate uid and counts as uid %u\n",
                               (unsigned)subject->uid, (unsigned)decision->owner);
    if (decision->by_group)
        g_string_append(text, "note: a deny by group is advisory, since a process can give up "
                              "groups; deny by user= holds\n");
    return g_string_free(text, FALSE);
}
