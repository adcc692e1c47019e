/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Any bytes are either a policy that decides and explains, or an error that says where.
 */
#include "tests/policy-text.h"

#include "policy/explain.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask(const Policy *policy, const PolicyNetwork *network, DeviceType type)
{
    static const gid_t groups[] = {36, 66};
    const PolicySubject subjects[] = {
        {.uid = 0},
        {.uid = 1000, .gid = 40, .groups = groups, .n_groups = G_N_ELEMENTS(groups)},
        {.uid = 100000, .gid = 1000},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(subjects); i++) {
        g_autofree char *text = NULL;
        PolicyDecision decision;

        policy_decide(policy, &subjects[i], network, type, &decision);
        g_assert_true(!decision.allowed || decision.place);
        text = policy_explain(policy, "somebody", &subjects[i], network, type, &decision);
        g_assert_true(!decision.place || policy_source(policy, decision.place));
        g_assert_true(g_utf8_validate(text, -1, NULL));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;
    g_autoptr(Policy) policy = NULL;

    policy = text_policy((const char *)data, size, "guest:100000:65536\n", POLICY_LOAD_DEFAULT,
                         warnings, &error);
    g_assert_true((policy == NULL) == (error != NULL));
    if (error)
        g_assert_true(g_str_has_prefix(error->message, "policy:"));
    for (size_t i = 0; policy && i < policy_n_networks(policy); i++) {
        const PolicyNetwork *network = policy_network(policy, i);

        g_assert_true(policy_network_by_name(policy, network->name) == network);
        g_assert_true(network->types & network->type);
        ask(policy, network, network->type);
        ask(policy, network, DEVICE_IPVTAP);
    }
    return 0;
}
