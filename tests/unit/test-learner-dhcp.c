/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Leases, of DHCPv4 and DHCPv6, and whoever forges one.
 */
#include "test-learner-world.h"

static void test_lease_broadcast(World *world)
{
    dhcp4(world, TAP_A, DISCOVER(1));
    assert_log(world, "");
    dhcp4(world, PARENT, OFFER(1, "10.0.0.9"));
    assert_log(world, "bind A 10.0.0.9 dhcp 60");
    dhcp4(world, TAP_A, REQUEST(1, .requested = "10.0.0.9", .server = "10.0.0.1"));
    dhcp4(world, PARENT, ACK(1, "10.0.0.9"));
    assert_log(world, "extend A 10.0.0.9 dhcp 900");
    /* The exchange is over. */
    dhcp4(world, PARENT, ACK(1, "10.0.0.10"));
    assert_log(world, "");
    g_assert_cmpuint(counted(world, PARENT, COUNTER_UNMATCHED), ==, 1);
    g_assert_cmpuint(counted(world, TAP_A, COUNTER_TRANSACTIONS), ==, 1);
}

static void test_lease_unicast(World *world)
{
    dhcp4(world, TAP_A, DISCOVER(1));
    dhcp4(world, PARENT, OFFER(1, "10.0.0.9", UNICAST("10.0.0.9")));
    assert_log(world, "bind A 10.0.0.9 dhcp 60, replay A 10.0.0.9");
    dhcp4(world, TAP_A, REQUEST(1, .requested = "10.0.0.9", .server = "10.0.0.1"));
    dhcp4(world, PARENT, ACK(1, "10.0.0.9", UNICAST("10.0.0.9")));
    assert_log(world, "extend A 10.0.0.9 dhcp 900");
    g_assert_cmpuint(counted(world, TAP_A, COUNTER_REPLAYS), ==, 1);
}

/* Known to the guest from before: one REQUEST, and the ACK is the first reply. */
static void test_lease_reboot(World *world)
{
    dhcp4(world, TAP_A, REQUEST(1, .requested = "10.0.0.9"));
    dhcp4(world, PARENT, ACK(1, "10.0.0.9", UNICAST("10.0.0.9")));
    assert_log(world, "bind A 10.0.0.9 dhcp 900, replay A 10.0.0.9");
}

static void test_lease_renew(World *world)
{
    get_lease(world, TAP_A, 1, "10.0.0.9");
    wait_for(world, 450 * 1000);
    dhcp4(world, TAP_A,
          REQUEST(2, .ciaddr = "10.0.0.9", .ip_source = "10.0.0.9", .ip_destination = "10.0.0.1"));
    dhcp4(world, PARENT, ACK(2, "10.0.0.9", UNICAST("10.0.0.9")));
    assert_log(world, "extend A 10.0.0.9 dhcp 900");
    wait_for(world, 899 * 1000);
    arp(world, TAP_B, "10.0.0.9");
    assert_log(world, "");
    g_assert_cmpuint(counted(world, TAP_B, COUNTER_HELD), ==, 1);
    wait_for(world, 1000);
    arp(world, TAP_B, "10.0.0.9");
    assert_log(world, "bind B 10.0.0.9 arp 3600");
}

static void test_lease_times(World *world)
{
    dhcp4(world, TAP_A, REQUEST(1));
    dhcp4(world, PARENT, (FramesDhcp4){.type = 5, .xid = 1, .yiaddr = "10.0.0.9"});
    assert_log(world, "bind A 10.0.0.9 dhcp 3600");
    dhcp4(world, TAP_A, REQUEST(2));
    dhcp4(world, PARENT, (FramesDhcp4){.type = 5, .xid = 2, .yiaddr = "10.0.0.9", .lease = 1});
    assert_log(world, "extend A 10.0.0.9 dhcp 60");
    dhcp4(world, TAP_A, REQUEST(3));
    dhcp4(world, PARENT,
          (FramesDhcp4){.type = 5, .xid = 3, .yiaddr = "10.0.0.9", .lease = 0xffffffff});
    assert_log(world, "extend A 10.0.0.9 dhcp 4294967295");
    dhcp4(world, TAP_A, (FramesDhcp4){.type = 8, .xid = 4, .ciaddr = "10.0.0.9"});
    dhcp4(world, PARENT, (FramesDhcp4){.type = 5, .xid = 4});
    assert_log(world, "");
}

static void test_lease_two_servers(World *world)
{
    dhcp4(world, TAP_A, DISCOVER(1));
    dhcp4(world, PARENT, OFFER(1, "10.0.0.9"));
    dhcp4(world, PARENT, OFFER(1, "10.0.0.77"));
    assert_log(world, "bind A 10.0.0.9 dhcp 60, bind A 10.0.0.77 dhcp 60");
    dhcp4(world, TAP_A, REQUEST(1, .requested = "10.0.0.77", .server = "10.0.0.2"));
    assert_log(world, "unbind A 10.0.0.9 released");
    /* The one that was not chosen cannot say no. */
    dhcp4(world, PARENT, (FramesDhcp4){.type = 6, .xid = 1, .server = "10.0.0.1"});
    assert_log(world, "");
    dhcp4(world, PARENT, (FramesDhcp4){.type = 6, .xid = 1, .server = "10.0.0.2"});
    assert_log(world, "unbind A 10.0.0.77 nak");
}

static void test_lease_end(World *world)
{
    get_lease(world, TAP_A, 1, "10.0.0.9");
    dhcp4(world, TAP_B, (FramesDhcp4){.type = 7, .xid = 9, .ciaddr = "10.0.0.9"});
    assert_log(world, "");
    dhcp4(world, TAP_A, (FramesDhcp4){.type = 7, .xid = 9, .ciaddr = "10.0.0.9"});
    assert_log(world, "unbind A 10.0.0.9 released");

    get_lease(world, TAP_A, 2, "10.0.0.9");
    dhcp4(world, TAP_A, (FramesDhcp4){.type = 4, .xid = 9, .requested = "10.0.0.9"});
    assert_log(world, "unbind A 10.0.0.9 declined");

    /* Given back before the answer was heard: what is the server's again is not bound by it. */
    get_lease(world, TAP_A, 3, "10.0.0.9");
    dhcp4(world, TAP_A, REQUEST(4, .requested = "10.0.0.9"));
    dhcp4(world, TAP_A, (FramesDhcp4){.type = 7, .xid = 9, .ciaddr = "10.0.0.9"});
    dhcp4(world, PARENT, (FramesDhcp4){.type = 5, .xid = 4, .yiaddr = "10.0.0.9"});
    assert_log(world, "unbind A 10.0.0.9 released");

    get_lease(world, TAP_A, 3, "10.0.0.9");
    dhcp4(world, TAP_A, REQUEST(4, .ciaddr = "10.0.0.9"));
    dhcp4(world, PARENT, (FramesDhcp4){.type = 6, .xid = 4, .server = "10.0.0.1"});
    assert_log(world, "unbind A 10.0.0.9 nak");

    get_lease(world, TAP_A, 5, "10.0.0.9");
    wait_for(world, 900 * 1000);
    assert_log(world, "");
    g_assert_cmpuint(core_next(world->core), ==, G_MAXUINT64);
}

static void test_match(World *world)
{
    static const guint8 other[6] = {2, 9, 9, 9, 9, 9};

    dhcp4(world, TAP_A, DISCOVER(1));
    dhcp4(world, PARENT, OFFER(2, "10.0.0.9"));
    dhcp4(world, PARENT, OFFER(1, "10.0.0.9", .chaddr = other));
    dhcp4(world, PARENT_OTHER, OFFER(1, "10.0.0.9"));
    assert_log(world, "");
    wait_for(world, 119999);
    dhcp4(world, PARENT, OFFER(1, "10.0.0.9"));
    assert_log(world, "bind A 10.0.0.9 dhcp 60");
    wait_for(world, 1);
    dhcp4(world, PARENT, OFFER(1, "10.0.0.8"));
    assert_log(world, "");
}

/* B copies what it saw of A, before and after the offer. */
static void test_copied_transaction(World *world)
{
    dhcp4(world, TAP_A, DISCOVER(1));
    dhcp4(world, TAP_B, DISCOVER(1, .requested = "10.0.0.9", .client_id = "me"));
    dhcp4(world, PARENT, OFFER(1, "10.0.0.9"));
    assert_log(world, "bind A 10.0.0.9 dhcp 60");
    dhcp4(world, TAP_B, REQUEST(1, .requested = "10.0.0.9", .server = "10.0.0.1"));
    dhcp4(world, TAP_A, REQUEST(1, .requested = "10.0.0.9", .server = "10.0.0.1"));
    dhcp4(world, PARENT, ACK(1, "10.0.0.9"));
    assert_log(world, "extend A 10.0.0.9 dhcp 900");
    /* A renews with the same number while B's copy is older. */
    dhcp4(world, TAP_A, REQUEST(1, .ciaddr = "10.0.0.9"));
    dhcp4(world, PARENT, ACK(1, "10.0.0.9"));
    assert_log(world, "extend A 10.0.0.9 dhcp 900");
}

static void test_client_id(World *world)
{
    dhcp4(world, TAP_A, DISCOVER(1, .client_id = "a"));
    dhcp4(world, TAP_B, DISCOVER(1, .client_id = "b"));
    dhcp4(world, PARENT, OFFER(1, "10.0.0.2", .client_id = "b"));
    dhcp4(world, PARENT, OFFER(1, "10.0.0.1", .client_id = "a"));
    dhcp4(world, PARENT, OFFER(1, "10.0.0.3", .client_id = "c"));
    assert_log(world, "bind B 10.0.0.2 dhcp 60, bind A 10.0.0.1 dhcp 60");
}

/* Replies that a guest sends itself, from its tap or through the parent. */
static void test_forged_reply(World *world)
{
    dhcp4(world, TAP_B, DISCOVER(1));
    dhcp4(world, TAP_B, OFFER(1, "10.0.0.9"));
    g_assert_cmpuint(counted(world, TAP_B, COUNTER_FORGED), ==, 1);
    dhcp4(world, PARENT, OFFER(1, "10.0.0.9", .source = frames_parent));
    dhcp4(world, PARENT, OFFER(1, "10.0.0.9", .source = frames_guest, .destination = frames_guest));
    g_assert_cmpuint(counted(world, PARENT, COUNTER_FORGED), ==, 2);
    assert_log(world, "");
}

static void test_transactions_bounded(World *world)
{
    dhcp4(world, TAP_A, DISCOVER(1));
    for (guint32 xid = 1000; xid < 2000; xid++)
        dhcp4(world, TAP_B, DISCOVER(xid));
    dhcp4(world, PARENT, OFFER(1000, "10.0.0.8"));
    assert_log(world, "");
    dhcp4(world, PARENT, OFFER(1999, "10.0.0.7"));
    dhcp4(world, PARENT, OFFER(1, "10.0.0.9"));
    assert_log(world, "bind B 10.0.0.7 dhcp 60, bind A 10.0.0.9 dhcp 60");
}

/* A server's flood for one guest costs the others nothing. */
static void test_offer_flood(World *world)
{
    dhcp4(world, TAP_A, DISCOVER(1));
    dhcp4(world, TAP_B, DISCOVER(2));
    for (unsigned i = 0; i < 250; i++) {
        g_autofree char *address = g_strdup_printf("10.0.1.%u", i);

        dhcp4(world, PARENT, OFFER(1, address));
    }
    g_assert_cmpuint(counted(world, TAP_A, COUNTER_CLAIMS), ==, 10);
    g_string_truncate(world->log, 0);
    dhcp4(world, PARENT, OFFER(2, "10.0.0.9"));
    assert_log(world, "bind B 10.0.0.9 dhcp 60");
}

static void test_replay_refused(World *world)
{
    world->obliging = FALSE;
    arp(world, TAP_A, "10.0.0.9");
    assert_log(world, "bind A 10.0.0.9 arp 3600");
    dhcp4(world, TAP_B, DISCOVER(1));
    dhcp4(world, PARENT, OFFER(1, "10.0.0.9", UNICAST("10.0.0.9")));
    assert_log(world, ""); /* A holds it */
    dhcp4(world, PARENT, OFFER(1, "10.0.0.8", .destination = frames_parent));
    assert_log(world, "bind B 10.0.0.8 dhcp 60"); /* to everybody: the kernel delivers */
    dhcp4(world, PARENT, OFFER(1, "10.0.0.7", UNICAST("10.0.0.6")));
    assert_log(world, "bind B 10.0.0.7 dhcp 60"); /* to an address that it does not hand out */
}

static void test_dhcp6(World *world)
{
    dhcp6(world, TAP_A, (FramesDhcp6){.type = 1, .xid = 1});
    dhcp6(world, PARENT,
          (FramesDhcp6){.type = 2, .xid = 1, .addresses = {"2001:db8::9"}, .valid = 900});
    dhcp6(world, PARENT,
          (FramesDhcp6){.type = 7, .xid = 1, .addresses = {"2001:db8::9"}, .valid = 900});
    assert_log(world, "");
    dhcp6(world, TAP_A, (FramesDhcp6){.type = 3, .xid = 2});
    dhcp6(
        world, PARENT,
        (FramesDhcp6){
            .type = 7, .xid = 2, .client_id = "other", .addresses = {"2001:db8::9"}, .valid = 900});
    dhcp6(world, PARENT,
          (FramesDhcp6){.type = 7,
                        .xid = 2,
                        .ip_destination = "fe80::11",
                        .addresses = {"2001:db8::9"},
                        .valid = 900});
    assert_log(world, "");
    dhcp6(world, PARENT,
          (FramesDhcp6){
              .type = 7, .xid = 2, .addresses = {"2001:db8::9", "2001:db8::a"}, .valid = 900});
    assert_log(world, "bind A 2001:db8::9 dhcpv6 900, bind A 2001:db8::a dhcpv6 900");
    dhcp6(world, TAP_A, (FramesDhcp6){.type = 5, .xid = 3});
    dhcp6(world, PARENT,
          (FramesDhcp6){.type = 7, .xid = 3, .addresses = {"2001:db8::9"}, .valid = 1800});
    assert_log(world, "extend A 2001:db8::9 dhcpv6 1800");
    dhcp6(world, TAP_A, (FramesDhcp6){.type = 8, .xid = 4, .addresses = {"2001:db8::9"}});
    assert_log(world, "unbind A 2001:db8::9 released");
    dhcp6(world, TAP_A, (FramesDhcp6){.type = 9, .xid = 4, .addresses = {"2001:db8::a"}});
    assert_log(world, "unbind A 2001:db8::a declined");

    dhcp6(world, TAP_A, (FramesDhcp6){.type = 3, .xid = 5});
    dhcp6(world, TAP_A, (FramesDhcp6){.type = 8, .xid = 6, .addresses = {"2001:db8::9"}});
    dhcp6(world, PARENT,
          (FramesDhcp6){.type = 7, .xid = 5, .addresses = {"2001:db8::9"}, .valid = 900});
    assert_log(world, "");
}

static void test_dhcp6_rapid(World *world)
{
    dhcp6(world, TAP_A, (FramesDhcp6){.type = 1, .xid = 1, .rapid_commit = true});
    dhcp6(
        world, PARENT,
        (FramesDhcp6){
            .type = 7, .xid = 1, .rapid_commit = true, .addresses = {"2001:db8::9"}, .valid = 900});
    assert_log(world, "bind A 2001:db8::9 dhcpv6 900");
    dhcp6(world, TAP_A, (FramesDhcp6){.type = 4, .xid = 2});
    dhcp6(world, PARENT, (FramesDhcp6){.type = 7, .xid = 2, .status = 4});
    assert_log(world, "unbind A 2001:db8::9 nak");
    dhcp6(world, TAP_A, (FramesDhcp6){.type = 3, .xid = 3});
    dhcp6(world, PARENT,
          (FramesDhcp6){
              .type = 7, .xid = 3, .addresses = {"2001:db8::9"}, .valid = 900, .ia_status = 2});
    assert_log(world, "");
    dhcp6(world, TAP_A, (FramesDhcp6){.type = 7, .xid = 3, .addresses = {"2001:db8::9"}});
    g_assert_cmpuint(counted(world, TAP_A, COUNTER_FORGED), ==, 1);
}

static const Case cases[] = {
    {"lease/broadcast", test_lease_broadcast},
    {"lease/unicast", test_lease_unicast},
    {"lease/reboot", test_lease_reboot},
    {"lease/renew", test_lease_renew},
    {"lease/times", test_lease_times},
    {"lease/two-servers", test_lease_two_servers},
    {"lease/end", test_lease_end},
    {"lease/match", test_match},
    {"lease/copied", test_copied_transaction},
    {"lease/client-id", test_client_id},
    {"lease/forged", test_forged_reply},
    {"lease/bounded", test_transactions_bounded},
    {"lease/flood", test_offer_flood},
    {"lease/replay-not", test_replay_refused},
    {"dhcp6/exchange", test_dhcp6},
    {"dhcp6/rapid", test_dhcp6_rapid},
};

int main(int argc, char **argv)
{
    return run_cases(&argc, &argv, "dhcp", cases, G_N_ELEMENTS(cases));
}
