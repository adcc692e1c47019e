/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Any bytes are either a policy, which says the same after another journey, or an error.
 */
#include "policy/numeric.h"

#include "tests/fuzz/fuzz.h"

#include <string.h>

static void ask(const Policy *policy, const PolicyNetwork *network)
{
    static const gid_t groups[] = {36, 66};
    const PolicySubject subject = {
        .uid = 1000, .gid = 40, .groups = groups, .n_groups = G_N_ELEMENTS(groups)};
    PolicyDecision decision;

    policy_decide(policy, &subject, network, network->type, &decision);
    FUZZ_REQUIRE(!decision.allowed || decision.place);
    FUZZ_REQUIRE(!decision.place || decision.place->file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Policy) policy = policy_from_text((const char *)data, size, &error);

    FUZZ_REQUIRE((policy == NULL) == (error != NULL));
    if (!policy)
        return 0;
    for (size_t i = 0; i < policy_n_networks(policy); i++)
        ask(policy, policy_network(policy, i));

    g_autofree char *text = policy_to_text(policy);
    g_autoptr(Policy) again = policy_from_text(text, strlen(text), &error);
    FUZZ_REQUIRE(again);
    g_autofree char *same = policy_to_text(again);
    FUZZ_REQUIRE(strcmp(text, same) == 0);
    return 0;
}
