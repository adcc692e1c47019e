/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The parts of the daemon that need no kernel: aliases, the lock list, node names, the registry.
 */
#include "daemon/alias.h"
#include "daemon/guest-mac.h"
#include "daemon/locks.h"
#include "daemon/node.h"
#include "daemon/permits.h"
#include "daemon/registry.h"
#include "daemon/turns.h"
#include "daemon/users.h"
#include "policy/numeric.h"

#include <string.h>
#include <sys/sysmacros.h>

static void test_alias_round_trip(void)
{
    Alias alias = {
        .owner = G_MAXUINT32 - 1,
        .queues = DEVICE_QUEUES_MAX,
        .addresses = G_MAXUINT16,
        .translate = TRUE,
        .guard = TRUE,
    };
    char text[ALIAS_SIZE];
    Alias read;

    /* The longest there can be must fit the kernel's 255 bytes. */
    memset(alias.network, 'n', DEVICE_NAME_MAX);
    memset(alias.name, 'v', DEVICE_NAME_MAX);
    alias_format(&alias, text);
    g_assert_cmpint(strncmp(text, "v=1 ", 4), ==, 0);
    g_assert_true(alias_parse(&read, text));
    g_assert_cmpuint(read.owner, ==, alias.owner);
    g_assert_cmpstr(read.network, ==, alias.network);
    g_assert_cmpstr(read.name, ==, alias.name);
    g_assert_cmpuint(read.queues, ==, alias.queues);
    g_assert_cmpuint(read.addresses, ==, alias.addresses);
    g_assert_true(read.translate);
    g_assert_true(read.guard);
}

static void test_alias_foreign(void)
{
    static const struct {
        const char *text;
        gboolean ours;
    } cases[] = {
        {"v=1 owner=1 network=lan name=a queues=1 addresses=8", TRUE},
        {"v=1 owner=1 network=lan name=a queues=1 addresses=8 later=x", TRUE},
        {"", FALSE},
        {"uplink to the roof", FALSE},
        {"v=2 owner=1 network=lan name=a queues=1 addresses=8", FALSE},
        {"owner=1 network=lan name=a queues=1 addresses=8", FALSE},
        {"v=1 owner=4294967295 network=lan name=a queues=1 addresses=8", FALSE},
        {"v=1 owner=-1 network=lan name=a queues=1 addresses=8", FALSE},
        {"v=1 owner=1 network=../x name=a queues=1 addresses=8", FALSE},
        {"v=1 owner=1 network=lan name=\"a b\" queues=1 addresses=8", FALSE},
        {"v=1 owner=1 network=lan name=a queues=0 addresses=8", FALSE},
        {"v=1 owner=1 network=lan name=a queues=65 addresses=8", FALSE},
        {"v=1 owner=1 network=lan name=a queues=1", FALSE},
        {"word v=1 owner=1 network=lan name=a queues=1 addresses=8", FALSE},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        Alias alias;

        g_test_message("%s", cases[i].text);
        g_assert_cmpint(alias_parse(&alias, cases[i].text), ==, cases[i].ours);
    }
}

static void test_guest_mac(void)
{
    Alias alias = {.owner = 1000, .network = "lan", .name = "vm1"};
    guint8 first[HWADDR_SIZE], second[HWADDR_SIZE];

    guest_mac_suggest("machine", &alias, first);
    g_assert_cmpuint(first[0] & 3, ==, 2);
    guest_mac_suggest("machine", &alias, second);
    g_assert_cmpmem(first, HWADDR_SIZE, second, HWADDR_SIZE);
    alias.owner = 1001;
    guest_mac_suggest("machine", &alias, second);
    g_assert_cmpint(memcmp(first, second, HWADDR_SIZE), !=, 0);
    alias.owner = 1000;
    guest_mac_suggest("other", &alias, second);
    g_assert_cmpint(memcmp(first, second, HWADDR_SIZE), !=, 0);
}

static void test_locks(void)
{
    static const char *const lines[] = {
        "1: OFDLCK ADVISORY  READ -1 00:1a:5 0 EOF\n",
        "2: POSIX  ADVISORY  WRITE 17 00:1a:6 0 EOF\n",
        "3: FLOCK  ADVISORY  WRITE 17 00:1a:7 0 EOF\n",
        "3: -> FLOCK  ADVISORY  WRITE 18 00:1a:8 0 EOF\n",
        "4: OFDLCK ADVISORY  READ -1 00:1a:4294967299 0 EOF\n",
        "5: OFDLCK ADVISORY  READ -1 00:1b:9 0 EOF\n",
        "6: OFDLCK ADVISORY  READ -1 zz\n",
        "\n",
    };
    g_autoptr(Locks) locks = locks_new(makedev(0, 0x1a));

    for (gsize i = 0; i < G_N_ELEMENTS(lines); i++)
        locks_add_line(locks, lines[i]);
    g_assert_true(locks_contain(locks, 5));
    g_assert_true(locks_contain(locks, 4294967299));
    for (ino_t inode = 6; inode <= 9; inode++)
        g_assert_false(locks_contain(locks, inode));
}

static void test_node_names(void)
{
    static const struct {
        const char *name;
        gboolean valid;
    } cases[] = {
        {"1000000.0", TRUE}, {"1000000.63", TRUE}, {"1000000", FALSE},      {"1000000.", FALSE},
        {".0", FALSE},       {"01.0", FALSE},      {"1.00", FALSE},         {"1.0x", FALSE},
        {"-1.0", FALSE},     {"1.-1", FALSE},      {"+1.0", FALSE},         {" 1.0", FALSE},
        {"tap1", FALSE},     {"1.0.0", FALSE},     {"9999999999.0", FALSE},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        guint32 ifindex;
        guint queue;

        g_test_message("%s", cases[i].name);
        g_assert_cmpint(node_parse_name(cases[i].name, &ifindex, &queue), ==, cases[i].valid);
    }
}

static Device *device(guint32 ifindex, uid_t owner, const char *network, const char *name)
{
    Device *made = g_new0(Device, 1);

    made->ifindex = ifindex;
    made->alias.owner = owner;
    g_strlcpy(made->alias.network, network, sizeof(made->alias.network));
    g_strlcpy(made->alias.name, name, sizeof(made->alias.name));
    return made;
}

static void test_registry(void)
{
    g_autoptr(Registry) registry = registry_new();

    registry_add(registry, device(1000002, 1000, "lan", "a"));
    registry_add(registry, device(1000001, 1000, "lan", "b"));
    registry_add(registry, device(1000003, 1001, "lan", "a"));
    registry_add(registry, device(1000004, 1000, "lab", "a"));

    g_assert_cmpuint(registry_count_owner(registry, 1000, "lan"), ==, 2);
    g_assert_cmpuint(registry_count_owner(registry, 1000, "lab"), ==, 1);
    g_assert_cmpuint(registry_count_owner(registry, 7, "lan"), ==, 0);
    g_assert_cmpuint(registry_count_network(registry, "lan"), ==, 3);

    Device *found = registry_find_name(registry, 1001, "lan", "a");
    g_assert_nonnull(found);
    g_assert_cmpuint(found->ifindex, ==, 1000003);
    g_assert_null(registry_find_name(registry, 1001, "lab", "a"));

    g_autoptr(GPtrArray) list = registry_list(registry);
    g_assert_cmpuint(list->len, ==, 4);
    g_assert_cmpuint(((Device *)g_ptr_array_index(list, 0))->ifindex, ==, 1000001);

    registry_remove(registry, found);
    g_assert_null(registry_find(registry, 1000003));
    g_assert_null(registry_find_name(registry, 1001, "lan", "a"));
    g_assert_cmpuint(registry_count_network(registry, "lan"), ==, 2);
    g_assert_cmpuint(registry_count_owner(registry, 1001, "lan"), ==, 0);
    g_assert_cmpuint(registry_size(registry), ==, 3);
}

static const char policy_text[] = "numeric-policy version=1\n"
                                  "file name=policy\n"
                                  "user uid=0 name=root\n"
                                  "user uid=1000 name=member\n"
                                  "subuid start=100000 count=10 owner=1000\n"
                                  "network file=0 line=1 column=1 name=lan\n"
                                  "value key=parent text=eth0\n"
                                  "network file=0 line=2 column=1 name=lab\n"
                                  "value key=parent text=eth1\n"
                                  "deny file=0 line=3 column=1\n"
                                  "value key=user text=1001\n"
                                  "allow file=0 line=4 column=1\n"
                                  "value key=group text=36\n"
                                  "value key=network text=lan\n"
                                  "deny file=0 line=5 column=1\n"
                                  "value key=user text=1002\n"
                                  "value key=group text=66\n"
                                  "allow file=0 line=6 column=1\n"
                                  "value key=user text=1000\n"
                                  "value key=user text=1002\n"
                                  "value key=network text=lab\n";

static Policy *load_policy(void)
{
    g_autoptr(GError) error = NULL;
    Policy *policy = policy_from_text(policy_text, strlen(policy_text), &error);

    g_assert_no_error(error);
    return policy;
}

static void test_users(void)
{
    g_autoptr(Policy) policy = load_policy();
    char text[USERS_TEXT_SIZE];

    g_assert_cmpstr(users_text(policy, 0, text), ==, "root");
    g_assert_cmpstr(users_text(policy, 1000, text), ==, "member");
    g_assert_cmpstr(users_text(policy, 1001, text), ==, "uid 1001");
}

static void test_permits(void)
{
    static const struct {
        uid_t uid, owner;
        gid_t group; /* 0: credentials are not known */
        const char *network;
        const char *parent;
        gboolean permitted;
    } cases[] = {
        {1003, 1003, 36, "lan", "eth0", TRUE},      {1003, 1003, 37, "lan", "eth0", FALSE},
        {1003, 1003, 0, "lan", "eth0", TRUE},       {1003, 1003, 36, "lan", NULL, TRUE},
        {1003, 1003, 36, "lan", "eth1", FALSE},     {1003, 1003, 0, "lab", "eth1", FALSE},
        {1001, 1001, 36, "lan", "eth0", FALSE},     {1001, 1001, 0, "lan", "eth0", FALSE},
        {1002, 1002, 66, "lab", "eth1", FALSE},     {1002, 1002, 0, "lab", "eth1", TRUE},
        {100003, 1000, 36, "lab", "eth1", TRUE},    {100003, 1000, 0, "lab", "eth1", TRUE},
        {100010, 100010, 37, "lab", "eth1", FALSE}, {1000, 1000, 36, "gone", "eth0", FALSE},
    };
    g_autoptr(Policy) policy = load_policy();

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Permits) permits = permits_new();
        gid_t groups[] = {cases[i].group};
        const Credentials credentials = {.uid = cases[i].uid, .groups = groups, .n_groups = 1};
        Device device = {.ifindex = 7, .type = DEVICE_IPVTAP, .alias.owner = cases[i].owner};

        g_test_message("case %zu", i);
        g_strlcpy(device.alias.network, cases[i].network, sizeof(device.alias.network));
        if (cases[i].group != 0)
            permits_keep(permits, 7, &credentials);
        g_assert_true(permits_has(permits, 7));
        g_assert_cmpint(permits_judge(permits, policy, &device, cases[i].parent), ==,
                        !cases[i].permitted);
        g_assert_cmpint(permits_has(permits, 7), ==, cases[i].permitted);
        g_assert_false(permits_judge(permits, policy, &device, cases[i].parent));
        permits_forget(permits, 7);
        g_assert_true(permits_has(permits, 7));
    }
}

typedef struct {
    GString *order;
    guint64 longest;
} Served;

typedef struct {
    Served *served;
    char letter;
} Request;

static void on_turn(guint64 waited, gpointer data)
{
    Request *request = data;

    g_string_append_c(request->served->order, request->letter);
    request->served->longest = MAX(request->served->longest, waited);
}

static void test_turns(void)
{
    g_autoptr(Turns) turns = turns_new();
    Served served = {.order = g_string_new(NULL)};
    Request many = {&served, 'm'}, few = {&served, 'f'}, other = {&served, 'o'};

    for (int i = 0; i < 5; i++)
        turns_add(turns, 1000, on_turn, &many);
    turns_add(turns, 1001, on_turn, &few);
    Turn *left = turns_add(turns, 1002, on_turn, &other);
    turns_add(turns, 1001, on_turn, &few);
    turns_cancel(turns, left);
    while (g_main_context_iteration(NULL, FALSE))
        ;
    g_assert_cmpstr(served.order->str, ==, "mfmfmmm");
    g_assert_cmpuint(served.longest, ==, 6);
    g_assert_cmpuint(turns_served(turns), ==, 7);

    /* A newcomer waits for one of each of the others. */
    g_string_truncate(served.order, 0);
    for (int i = 0; i < 3; i++)
        turns_add(turns, 1000, on_turn, &many);
    g_main_context_iteration(NULL, FALSE);
    turns_add(turns, 1001, on_turn, &few);
    while (g_main_context_iteration(NULL, FALSE))
        ;
    g_assert_cmpstr(served.order->str, ==, "mmfm");
    g_string_free(served.order, TRUE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/daemon/alias/round-trip", test_alias_round_trip);
    g_test_add_func("/daemon/alias/foreign", test_alias_foreign);
    g_test_add_func("/daemon/guest-mac", test_guest_mac);
    g_test_add_func("/daemon/locks", test_locks);
    g_test_add_func("/daemon/node/names", test_node_names);
    g_test_add_func("/daemon/registry", test_registry);
    g_test_add_func("/daemon/users", test_users);
    g_test_add_func("/daemon/permits", test_permits);
    g_test_add_func("/daemon/turns", test_turns);
    return g_test_run();
}
