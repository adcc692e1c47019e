/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * A policy after its journey as text decides as before, in the same words and with the same lines;
 * and what is no such text is refused.
 */
#include "policy/numeric.h"

#include "policy/names.h"
#include "policy/parse.h"
#include "tests/policy-text.h"

#include <unistd.h>

#define SUBUIDS "guest:100000:65536\n1000:200000:10\nroot:300000:10\nstranger:1002:1\n"
#define HEAD "numeric-policy version=1\nfile name=policy\n"
#define LAN HEAD "network file=0 line=1 column=1 name=lan\nvalue key=parent text=eth0\n"

static const struct {
    const char *name;
    const char *text;
    const char *subuid;
} policies[] = {
    {"empty", "", NULL},
    {"network", "network lan parent=eth0\n", NULL},
    {"every-key",
     "network lan parent=eth0 default types=ipvtap,ipvlan mode=private mac=translate guard=off "
     "only=10.0.0.0/8,fd00::/8 except=10.1.0.0/16,192.0.2.7 static=off host=off devices=40\n"
     "network lab parent=eth1 types=macvtap,macvlan devices=100\n"
     "network own parent=eth2 mac=parent host=on\n"
     "deny user=guest\n"
     "allow user=member group=lab,kvm network=lab,lan type=macvtap devices=9 queues=3 "
     "addresses=11\n"
     "allow group=kvm\n",
     SUBUIDS},
    {"unknown-names",
     "network lan parent=eth0\n"
     "allow user=nosuch\nallow group=nosuch,none\nallow user=nosuch,member\nallow user=root\n",
     SUBUIDS},
    {"first-wins",
     "network lan parent=eth0\n\n# words\n   deny user=1003 network=lan\n"
     "deny group=banned\nallow user=stranger,5000 queues=64\nallow\n",
     SUBUIDS},
    {"quoted", "network lan parent=\"e,th=0\"\nallow user=\"DOM\\\\joe doe\"\n", NULL},
    {"same-user-twice", "network lan parent=eth0\nallow user=member,1000\n", NULL},
};

static const uid_t uids[] = {0, 1000, 1001, 1002, 1003, 5000, 100000, 165536, 200009, 300000};
static const gid_t gids[] = {0, 36, 40, 66, 1000};

static Policy *load(const char *text, const char *subuid)
{
    g_autoptr(GError) error = NULL;
    Policy *policy = text_policy(text, strlen(text), subuid, POLICY_LOAD_DEFAULT, NULL, &error);

    g_assert_no_error(error);
    return policy;
}

static void same_place(const PolicyPlace *one, const PolicyPlace *other)
{
    g_assert_true((one == NULL) == (other == NULL));
    if (!one)
        return;
    g_assert_cmpstr(one->file, ==, other->file);
    g_assert_cmpuint(one->line, ==, other->line);
    g_assert_cmpuint(one->column, ==, other->column);
}

static void same_prefixes(const GArray *one, const GArray *other)
{
    g_assert_cmpuint(one->len, ==, other->len);
    for (guint i = 0; i < one->len; i++) {
        const PolicyPrefix *left = &g_array_index(one, PolicyPrefix, i);
        const PolicyPrefix *right = &g_array_index(other, PolicyPrefix, i);

        g_assert_cmpint(left->family, ==, right->family);
        g_assert_cmpuint(left->length, ==, right->length);
        g_assert_cmpmem(left->address, sizeof left->address, right->address, sizeof right->address);
    }
}

static void same_network(const PolicyNetwork *one, const PolicyNetwork *other)
{
    same_place(&one->place, &other->place);
    g_assert_cmpstr(one->name, ==, other->name);
    g_assert_cmpstr(one->parent, ==, other->parent);
    g_assert_cmpint(one->is_default, ==, other->is_default);
    g_assert_cmpuint(one->types, ==, other->types);
    g_assert_cmpint(one->type, ==, other->type);
    g_assert_cmpint(one->mode, ==, other->mode);
    g_assert_cmpint(one->mac, ==, other->mac);
    g_assert_cmpint(one->guard, ==, other->guard);
    g_assert_cmpint(one->learn_static, ==, other->learn_static);
    g_assert_cmpint(one->host, ==, other->host);
    g_assert_cmpuint(one->devices, ==, other->devices);
    same_prefixes(one->only, other->only);
    same_prefixes(one->except, other->except);
}

static void same_decision(const Policy *one, const Policy *other, size_t network, DeviceType type,
                          const PolicySubject *subject)
{
    PolicyDecision left, right;

    policy_decide(one, subject, policy_network(one, network), type, &left);
    policy_decide(other, subject, policy_network(other, network), type, &right);
    g_assert_cmpint(left.allowed, ==, right.allowed);
    g_assert_cmpint(left.by_group, ==, right.by_group);
    g_assert_cmpuint(left.owner, ==, right.owner);
    g_assert_cmpuint(left.limits.devices, ==, right.limits.devices);
    g_assert_cmpuint(left.limits.queues, ==, right.limits.queues);
    g_assert_cmpuint(left.limits.addresses, ==, right.limits.addresses);
    same_place(left.place, right.place);
}

static void same_decisions(const Policy *one, const Policy *other, size_t network)
{
    for (DeviceType type = DEVICE_IPVTAP; type <= DEVICE_MACVLAN; type <<= 1)
        for (size_t u = 0; u < G_N_ELEMENTS(uids); u++)
            for (size_t g = 0; g < G_N_ELEMENTS(gids); g++)
                for (size_t more = 0; more <= G_N_ELEMENTS(gids); more++)
                    same_decision(one, other, network, type,
                                  &(PolicySubject){uids[u], gids[g], gids, more});
}

static void same_policy(const Policy *one, const Policy *other)
{
    g_assert_cmpstr(policy_file(one), ==, policy_file(other));
    g_assert_cmpuint(policy_n_rules(one), ==, policy_n_rules(other));
    g_assert_cmpuint(policy_n_networks(one), ==, policy_n_networks(other));
    for (size_t i = 0; i < policy_n_networks(one); i++) {
        same_network(policy_network(one, i), policy_network(other, i));
        same_decisions(one, other, i);
    }
    for (size_t u = 0; u < G_N_ELEMENTS(uids); u++) {
        g_assert_cmpuint(policy_owner(one, uids[u]), ==, policy_owner(other, uids[u]));
        g_assert_cmpstr(policy_user_name(one, uids[u]), ==, policy_user_name(other, uids[u]));
    }
}

static void check_journey(gconstpointer data)
{
    gsize i = GPOINTER_TO_SIZE(data);
    g_autoptr(GError) error = NULL;
    g_autoptr(Policy) policy = load(policies[i].text, policies[i].subuid);
    g_autofree char *text = policy_to_text(policy);
    g_autoptr(Policy) again = policy_from_text(text, strlen(text), &error);

    g_assert_no_error(error);
    same_policy(policy, again);
    g_autofree char *same = policy_to_text(again);
    g_assert_cmpstr(text, ==, same);
}

static void check_names(void)
{
    g_autoptr(Policy) policy = load("network lan parent=eth0\nallow user=member,5000\n", NULL);
    g_autofree char *text = policy_to_text(policy);
    g_autoptr(Policy) again = policy_from_text(text, strlen(text), NULL);

    g_assert_cmpstr(policy_user_name(again, 1000), ==, "member");
    g_assert_null(policy_user_name(again, 5000));
}

static void check_passwd(void)
{
    g_autofree char *file = g_strdup_printf("%s/passwd-%d", g_get_tmp_dir(), getpid());
    g_autoptr(GHashTable) names = names_new();

    g_assert_true(g_file_set_contents(file,
                                      "root:x:0:0::/root:/bin/sh\n"
                                      "toor:x:0:0::/root:/bin/sh\n"
                                      "a\001b:x:7:7::/:/bin/sh\n"
                                      "member:x:1000:1000::/:/bin/sh\n",
                                      -1, NULL));
    names_add_file(names, file);
    unlink(file);
    g_assert_cmpstr(g_hash_table_lookup(names, GUINT_TO_POINTER(0)), ==, "root");
    g_assert_cmpstr(g_hash_table_lookup(names, GUINT_TO_POINTER(1000)), ==, "member");
    g_assert_cmpuint(g_hash_table_size(names), ==, 2);
    names_add_file(names, "/nonexistent/passwd");
    g_assert_cmpuint(g_hash_table_size(names), ==, 2);
}

/* As many rules as a file may have, each of another user. */
static void check_many(void)
{
    g_autoptr(GString) file = g_string_new("network lan parent=eth0\n");
    g_autoptr(GError) error = NULL;

    for (guint i = 1; i < POLICY_STATEMENTS_MAX; i++)
        g_string_append_printf(file, "allow user=%u devices=%u\n", i, i);
    g_autoptr(Policy) policy = load(file->str, NULL);
    g_autofree char *text = policy_to_text(policy);
    g_autoptr(Policy) again = policy_from_text(text, strlen(text), &error);
    g_assert_no_error(error);
    g_assert_cmpuint(strlen(text), <, POLICY_TEXT_MAX);
    same_decision(policy, again, 0, DEVICE_IPVTAP, &(PolicySubject){.uid = 4000});
}

static const struct {
    const char *name;
    const char *text;
    const char *error;
} bad[] = {
    {"nothing", "", "*ends before*"},
    {"a-policy", "network lan parent=eth0\n", "line 1: expected key=value*"},
    {"version", "numeric-policy version=2\n", "line 1: *another version"},
    {"no-file", "numeric-policy version=1\n", "line 1: *which file*"},
    {"half-a-line", HEAD "user uid=1", "line 3: *inside a line"},
    {"no-line", HEAD "user uid=1 name=\"x\n", "line 3: this quote*"},
    {"unknown-word", HEAD "include name=x\n", "line 3: an unknown word"},
    {"no-word", HEAD "name=x\n", "line 3: an unknown word"},
    {"value-first", HEAD "value key=default\n", "line 3: *belongs to a statement"},
    {"unknown-key", LAN "value key=colour text=blue\n", "line 5: a value has a key*"},
    {"key-of-a-rule", LAN "value key=user text=1\n", "line 5: a key where*"},
    {"two-parents", LAN "value key=parent text=eth1\n", "line 5: a key where*"},
    {"no-value", LAN "value key=mode\n", "line 5: a key where*"},
    {"flag-with-value", LAN "value key=default text=yes\n", "line 5: a key where*"},
    {"empty-text", LAN "value key=mode text=\"\"\n", "line 5: a text is*"},
    {"line-break", LAN "value key=mode text=\"a\\nb\"\n", "line 5: a text is*"},
    {"bad-value", LAN "value key=mode text=rude\n", "policy:1:1: 'mode=' takes*"},
    {"bad-prefix", LAN "value key=only text=10.0.0.1/8\n", "policy:1:1: *"},
    {"no-parent", HEAD "network file=0 line=7 column=1 name=lan\n", "policy:7:1: *parent*"},
    {"no-such-file", HEAD "network file=1 line=1 column=1 name=lan\n", "line 3: a statement has*"},
    {"no-name", HEAD "network file=0 line=1 column=1\n", "line 3: a network has a name*"},
    {"rule-with-name", HEAD "allow file=0 line=1 column=1 name=x\n", "line 3: *has none"},
    {"twice", LAN "network file=0 line=2 column=1 name=lan\nvalue key=parent text=eth0\n",
     "policy:2:1: network 'lan' a second time*"},
    {"name-of-user", LAN "allow file=0 line=2 column=1\nvalue key=user text=root\n",
     "line 6: *numbers"},
    {"huge-uid", LAN "allow file=0 line=2 column=1\nvalue key=user text=4294967295\n",
     "policy:2:1: * no id*"},
    {"unknown-network", LAN "allow file=0 line=2 column=1\nvalue key=network text=lab\n",
     "policy:2:1: no network 'lab'*"},
    {"subuid-of-root", HEAD "subuid start=1 count=1 owner=0\n", "line 3: a subuid*"},
    {"subuid-overflow", HEAD "subuid start=4294967294 count=2 owner=1\n", "line 3: a subuid*"},
};

static void check_bad(gconstpointer data)
{
    gsize i = GPOINTER_TO_SIZE(data);
    g_autoptr(GError) error = NULL;
    g_autoptr(Policy) policy = policy_from_text(bad[i].text, strlen(bad[i].text), &error);

    g_assert_null(policy);
    g_assert_nonnull(error);
    if (!g_pattern_match_simple(bad[i].error, error->message))
        g_error("expected %s, got %s", bad[i].error, error->message);
}

static void check_too_large(void)
{
    g_autofree char *text = g_malloc(POLICY_TEXT_MAX + 1);
    g_autoptr(GError) error = NULL;

    memset(text, '\n', POLICY_TEXT_MAX + 1);
    g_assert_null(policy_from_text(text, POLICY_TEXT_MAX + 1, &error));
    g_assert_cmpstr(error->message, ==, "a numeric policy has at most 1048576 bytes");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(policies); i++) {
        g_autofree char *path = g_strdup_printf("/policy/numeric/%s", policies[i].name);

        g_test_add_data_func(path, GSIZE_TO_POINTER(i), check_journey);
    }
    g_test_add_func("/policy/numeric/names", check_names);
    g_test_add_func("/policy/numeric/passwd", check_passwd);
    g_test_add_func("/policy/numeric/many", check_many);
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *path = g_strdup_printf("/policy/numeric/bad/%s", bad[i].name);

        g_test_add_data_func(path, GSIZE_TO_POINTER(i), check_bad);
    }
    g_test_add_func("/policy/numeric/bad/too-large", check_too_large);
    return g_test_run();
}
