/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Who may: one policy, many questions, and the words of the answers.
 */
#include "tests/policy-text.h"

#include "policy/explain.h"

static const char policy_text[] =
    "network lan parent=eth0 default types=ipvtap,ipvlan\n"                        /* 1 */
    "network lab parent=eth1 types=macvtap,macvlan devices=100\n"                  /* 2 */
    "network dmz parent=eth2\n"                                                    /* 3 */
    "deny user=guest\n"                                                            /* 4 */
    "deny group=banned network=lan\n"                                              /* 5 */
    "allow user=member group=lab network=lab type=macvtap devices=9\n"             /* 6 */
    "allow group=kvm,lab network=lan type=ipvtap devices=1 queues=2 addresses=3\n" /* 7 */
    "allow user=member,5000 network=lan,lab\n"                                     /* 8 */
    "allow user=nosuch\n"                                                          /* 9 */
    "allow user=root\n"                                                            /* 10 */
    "deny network=dmz type=ipvtap user=stranger group=76,77\n"                     /* 11 */
    "allow network=dmz user=stranger\n";                                           /* 12 */

static const char subuid_text[] = "guest:100000:65536\n"
                                  "1000:200000:10\n"
                                  "root:300000:10\n"
                                  "stranger:1002:1\n"
                                  "member:0:1\n";

#define NO_GROUP ((gid_t)-1)

static const struct {
    const char *name;
    uid_t uid;
    gid_t gid;
    gid_t group;
    const char *network;
    DeviceType type;
    gboolean allowed;
    guint line; /* 0: none */
} cases[] = {
    {"root", 0, 0, NO_GROUP, "lan", DEVICE_IPVTAP, TRUE, 10},
    {"root-everywhere", 0, 0, NO_GROUP, "dmz", DEVICE_IPVTAP, TRUE, 10},
    {"root-not-in-types", 0, 0, NO_GROUP, "dmz", DEVICE_MACVTAP, FALSE, 3},
    {"nobody", 1003, 1003, NO_GROUP, "lan", DEVICE_IPVTAP, FALSE, 0},
    {"first-wins", 1002, 36, 36, "lan", DEVICE_IPVTAP, FALSE, 4},
    {"own-gid", 1003, 36, NO_GROUP, "lan", DEVICE_IPVTAP, TRUE, 7},
    {"supplementary", 1003, 1003, 36, "lan", DEVICE_IPVTAP, TRUE, 7},
    {"second-of-list", 1003, 1003, 40, "lan", DEVICE_IPVTAP, TRUE, 7},
    {"type-does-not-match", 1003, 1003, 36, "lan", DEVICE_IPVLAN, FALSE, 0},
    {"network-does-not-match", 1003, 1003, 36, "dmz", DEVICE_IPVTAP, FALSE, 0},
    {"user-and-group", 1000, 1000, 40, "lab", DEVICE_MACVTAP, TRUE, 6},
    {"user-without-group", 1000, 1000, NO_GROUP, "lab", DEVICE_MACVTAP, TRUE, 8},
    {"group-without-user", 1003, 1003, 40, "lab", DEVICE_MACVTAP, FALSE, 0},
    {"numeric", 5000, 5000, NO_GROUP, "lab", DEVICE_MACVLAN, TRUE, 8},
    {"deny-group", 1000, 1000, 66, "lan", DEVICE_IPVTAP, FALSE, 5},
    {"deny-group-elsewhere", 1000, 1000, 66, "lab", DEVICE_MACVTAP, TRUE, 8},
    {"subordinate-denied", 100000, 36, NO_GROUP, "lan", DEVICE_IPVTAP, FALSE, 4},
    {"subordinate-last", 165535, 36, NO_GROUP, "lan", DEVICE_IPVTAP, FALSE, 4},
    {"subordinate-behind", 165536, 36, NO_GROUP, "lan", DEVICE_IPVTAP, TRUE, 7},
    {"subordinate-allowed", 200009, 200009, NO_GROUP, "lan", DEVICE_IPVTAP, TRUE, 8},
    {"subordinate-of-root", 300000, 300000, NO_GROUP, "lan", DEVICE_IPVTAP, FALSE, 0},
    {"covered-user-stays-denied", 1002, 1002, NO_GROUP, "dmz", DEVICE_IPVTAP, FALSE, 4},
    {"deny-needs-both", 1001, 1001, NO_GROUP, "dmz", DEVICE_IPVTAP, TRUE, 12},
    {"deny-has-both", 1001, 77, NO_GROUP, "dmz", DEVICE_IPVTAP, FALSE, 11},
};

static Policy *load(void)
{
    g_autoptr(GError) error = NULL;
    Policy *policy = text_policy(policy_text, sizeof policy_text - 1, subuid_text,
                                 POLICY_LOAD_DEFAULT, NULL, &error);

    g_assert_no_error(error);
    return policy;
}

static void check_case(gconstpointer data)
{
    gsize i = GPOINTER_TO_SIZE(data);
    g_autoptr(Policy) policy = load();
    const PolicyNetwork *network = policy_network_by_name(policy, cases[i].network);
    gid_t groups[] = {999, cases[i].group};
    PolicySubject subject = {.uid = cases[i].uid, .gid = cases[i].gid};
    PolicyDecision decision;

    if (cases[i].group != NO_GROUP) {
        subject.groups = groups;
        subject.n_groups = G_N_ELEMENTS(groups);
    }
    policy_decide(policy, &subject, network, cases[i].type, &decision);
    g_assert_cmpint(decision.allowed, ==, cases[i].allowed);
    g_assert_cmpuint(decision.place ? decision.place->line : 0, ==, cases[i].line);
    g_assert_cmpint(decision.by_group, ==, cases[i].line == 5 || cases[i].line == 11);
    g_assert_cmpuint(decision.owner, ==, policy_owner(policy, cases[i].uid));
}

static void check_owner(void)
{
    g_autoptr(Policy) policy = load();

    g_assert_cmpuint(policy_owner(policy, 0), ==, 0);
    g_assert_cmpuint(policy_owner(policy, 1000), ==, 1000);
    g_assert_cmpuint(policy_owner(policy, 99999), ==, 99999);
    g_assert_cmpuint(policy_owner(policy, 100000), ==, 1002);
    g_assert_cmpuint(policy_owner(policy, 165536), ==, 165536);
    g_assert_cmpuint(policy_owner(policy, 200000), ==, 1000);
    g_assert_cmpuint(policy_owner(policy, 300000), ==, 300000);
    g_assert_cmpuint(policy_owner(policy, 1002), ==, 1001);
}

static void check_limits(void)
{
    g_autoptr(Policy) policy = load();
    const PolicyNetwork *lan = policy_network_by_name(policy, "lan");
    PolicySubject subject = {.uid = 1003, .gid = 36};
    PolicyDecision decision;

    policy_decide(policy, &subject, lan, DEVICE_IPVTAP, &decision);
    g_assert_cmpuint(decision.limits.devices, ==, 1);
    g_assert_cmpuint(decision.limits.queues, ==, 2);
    g_assert_cmpuint(decision.limits.addresses, ==, 3);
    subject = (PolicySubject){0};
    policy_decide(policy, &subject, lan, DEVICE_IPVTAP, &decision);
    g_assert_cmpuint(decision.limits.devices, ==, POLICY_DEVICES_DEFAULT);
    g_assert_cmpuint(decision.limits.queues, ==, POLICY_QUEUES_DEFAULT);
    g_assert_cmpuint(decision.limits.addresses, ==, POLICY_ADDRESSES_DEFAULT);
}

static const struct {
    const char *name;
    const char *who;
    uid_t uid;
    gid_t gid;
    const char *network;
    DeviceType type;
    const char *text;
} words[] = {
    {"yes", "worker", 1003, 36, "lan", DEVICE_IPVTAP,
     "yes: worker may have ipvtap on lan\n"
     "at most 1 device at once on lan, 2 queues and 3 addresses for each device\n"
     "policy:7: allow group=kvm,lab network=lan type=ipvtap devices=1 queues=2 addresses=3\n"},
    {"network-limit", "member", 1000, 1000, "lab", DEVICE_MACVTAP,
     "yes: member may have macvtap on lab\n"
     "at most 4 devices at once on lab, 8 queues and 8 addresses for each device\n"
     "all users together: at most 100 on lab\n"
     "policy:8: allow user=member,5000 network=lan,lab\n"},
    {"no", "guest", 1002, 1002, "dmz", DEVICE_IPVTAP,
     "no: guest may not have ipvtap on dmz\n"
     "policy:4: deny user=guest\n"
     "note: uid 1002 is a subordinate uid and counts as uid 1001\n"},
    {"no-rule", "worker", 1003, 1003, "dmz", DEVICE_IPVTAP,
     "no: worker may not have ipvtap on dmz\n"
     "no rule matches, and then the answer is no; to change it: allow user=worker network=dmz "
     "type=ipvtap\n"},
    {"by-group", "worker", 1003, 66, "lan", DEVICE_IPVTAP,
     "no: worker may not have ipvtap on lan\n"
     "policy:5: deny group=banned network=lan\n"
     "note: a deny by group is advisory, since a process can give up groups; deny by user= "
     "holds\n"},
    {"ipvlan", "member", 1000, 1000, "lan", DEVICE_IPVLAN,
     "yes: member may have ipvlan on lan\n"
     "at most 4 devices at once on lan, 8 queues and 8 addresses for each device\n"
     "policy:8: allow user=member,5000 network=lan,lab\n"
     "note: ontapd hands ipvlan to root alone, whatever the rules say\n"},
    {"no-type", "root", 0, 0, "dmz", DEVICE_MACVTAP,
     "no: root may not have macvtap on dmz\n"
     "policy:3: network dmz parent=eth2\n"
     "note: the types= of this network do not have macvtap\n"},
};

static void check_words(gconstpointer data)
{
    gsize i = GPOINTER_TO_SIZE(data);
    g_autoptr(Policy) policy = load();
    const PolicyNetwork *network = policy_network_by_name(policy, words[i].network);
    PolicySubject subject = {.uid = words[i].uid, .gid = words[i].gid};
    g_autofree char *text = NULL;
    PolicyDecision decision;

    policy_decide(policy, &subject, network, words[i].type, &decision);
    text = policy_explain(policy, words[i].who, &subject, network, words[i].type, &decision);
    g_assert_cmpstr(text, ==, words[i].text);
}

static void check_reference(void)
{
    Policy *policy = load();

    g_assert_true(policy_ref(policy) == policy);
    policy_unref(policy);
    g_assert_cmpuint(policy_n_networks(policy), ==, 3);
    policy_unref(policy);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strconcat("/policy/decide/", cases[i].name, NULL);

        g_test_add_data_func(path, GSIZE_TO_POINTER(i), check_case);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        g_autofree char *path = g_strconcat("/policy/explain/", words[i].name, NULL);

        g_test_add_data_func(path, GSIZE_TO_POINTER(i), check_words);
    }
    g_test_add_func("/policy/decide/owner", check_owner);
    g_test_add_func("/policy/decide/limits", check_limits);
    g_test_add_func("/policy/reference", check_reference);
    return g_test_run();
}
