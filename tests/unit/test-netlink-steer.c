/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Steering rules against the running kernel, as far as it has them: that they are
 * taken, told apart, exchanged and deleted. What they do to frames is seen in the lab (host.test).
 */
#include "netlink/link.h"
#include "netlink/qdisc.h"
#include "netlink/steer.h"
#include "netns.h"

#include <errno.h>

#define LOOPBACK 1

static const Steer rules[] = {
    {STEER_UNICAST_TO, NETNS_PARENT, 7, {2, 0, 0, 0, 0, 1}, LOOPBACK},
    {STEER_ARP_FROM, NETNS_PARENT, 1, {2, 0, 0, 0, 0, 1}, LOOPBACK},
    {STEER_SOLICIT_FROM, NETNS_PARENT, 2, {2, 0, 0, 0, 0, 1}, LOOPBACK},
    {STEER_NOWHERE, NETNS_PARENT, 3, {0}, 0},
};

/* NULL, and the test marked as skipped, where the kernel has not all that it takes. */
static Rtnl *world(void)
{
    g_autoptr(Rtnl) rtnl = netns_world();
    g_autoptr(GError) error = NULL;

    if (!rtnl)
        return NULL;
    if (!qdisc_add_clsact(rtnl, NETNS_PARENT, &error) || !steer_set(rtnl, &rules[1], &error) ||
        !steer_set(rtnl, &rules[3], &error)) {
        g_test_skip(error->message);
        return NULL;
    }
    return g_steal_pointer(&rtnl);
}

static bool is_any(Rtnl *rtnl)
{
    GError *error = NULL;
    bool any;

    steer_is_any(rtnl, NETNS_PARENT, &any, &error);
    g_assert_no_error(error);
    return any;
}

static void test_rules(void)
{
    g_autoptr(Rtnl) rtnl = world();
    GError *error = NULL;

    if (!rtnl)
        return;
    for (gsize i = 0; i < G_N_ELEMENTS(rules); i++) {
        Steer other = rules[i];

        steer_set(rtnl, &rules[i], &error);
        g_assert_no_error(error);
        steer_set(rtnl, &rules[i], &error); /* it may be there */
        g_assert_no_error(error);
        other.hwaddr[5] = 2;
        steer_set(rtnl, &other, &error); /* instead */
        g_assert_no_error(error);
    }
    g_assert_true(is_any(rtnl));
    for (gsize i = 0; i < G_N_ELEMENTS(rules); i++) {
        steer_unset(rtnl, &rules[i], &error);
        g_assert_no_error(error);
        g_assert_false(steer_unset(rtnl, &rules[i], &error));
        g_clear_error(&error);
    }
    g_assert_false(is_any(rtnl));
}

/* A link without clsact has no rules, and takes none. */
static void test_bare(void)
{
    g_autoptr(Rtnl) rtnl = netns_world();
    GError *error = NULL;

    if (!rtnl)
        return;
    g_assert_false(is_any(rtnl));
    for (gsize i = 0; i < G_N_ELEMENTS(rules); i++) {
        g_assert_false(steer_set(rtnl, &rules[i], &error));
        g_assert_nonnull(error);
        g_clear_error(&error);
        g_assert_false(steer_unset(rtnl, &rules[i], &error));
        g_clear_error(&error);
    }
    g_assert_false(is_any(rtnl));
}

/* A target that there is not. */
static void test_nobody(void)
{
    g_autoptr(Rtnl) rtnl = world();
    Steer rule = rules[0];
    GError *error = NULL;

    if (!rtnl)
        return;
    rule.target = 4711;
    netns_assert_failed(steer_set(rtnl, &rule, &error), &error, ENODEV,
                        "cannot set a flower classifier on link 77");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/netlink/steer/bare", test_bare);
    g_test_add_func("/netlink/steer/rules", test_rules);
    g_test_add_func("/netlink/steer/nobody", test_nobody);
    return g_test_run();
}
