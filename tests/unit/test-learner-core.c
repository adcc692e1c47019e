/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Addresses that guests take without a lease, and the tables behind them.
 */
#include "test-learner-world.h"

static void test_arp(World *world)
{
    IpAddress address;

    arp(world, TAP_A, "0.0.0.0");
    assert_log(world, "");
    arp(world, TAP_A, "10.0.0.9");
    assert_log(world, "bind A 10.0.0.9 arp 3600");
    arp(world, TAP_A, "10.0.0.9");
    assert_log(world, "");
    arp(world, TAP_C, "10.0.0.9");
    assert_log(world, "bind C 10.0.0.9 arp 3600");
    arp(world, PARENT, "10.0.0.5");
    assert_log(world, "");
    g_assert_true(ip_parse("10.0.0.7", &address));
    core_verdict(world->core, TAP_A, &address, VERDICT_REFUSED, SOURCE_ARP, 0, world->now);
}

static void test_arp_off(World *world)
{
    CorePort port = {.ifindex = TAP_A + 3, .parent = PARENT, .addresses = 8, .arp = FALSE};
    IpAddress address;

    g_assert_true(core_port_add(world->core, &port));
    arp(world, port.ifindex, "10.0.0.9");
    assert_log(world, "");
    g_assert_true(ip_parse("10.0.0.8", &address));
    core_verdict(world->core, port.ifindex, &address, VERDICT_ACCEPTED, SOURCE_ARP, 1000,
                 world->now);
    arp(world, port.ifindex, "10.0.0.8");
    assert_log(world, "extend D 10.0.0.8 arp 3600");
}

static void test_idle(World *world)
{
    arp(world, TAP_A, "10.0.0.9");
    wait_for(world, 300 * 1000);
    assert_log(world, "bind A 10.0.0.9 arp 3600, probe A 10.0.0.9");
    arp(world, TAP_A, "10.0.0.9");
    wait_for(world, 299 * 1000);
    assert_log(world, "");
    wait_for(world, 4 * 1000);
    assert_log(world, "probe A 10.0.0.9, probe A 10.0.0.9, probe A 10.0.0.9, "
                      "unbind A 10.0.0.9 idle");
}

static void test_dad(World *world)
{
    nd(world, TAP_A, (FramesNd){.type = 135, .ip_source = "::", .target = "fe80::10"});
    wait_for(world, 499);
    assert_log(world, "");
    wait_for(world, 1);
    assert_log(world, "bind A fe80::10 dad 3600");
    /* Its other messages only show that it is in use. */
    nd(world, TAP_A, (FramesNd){.type = 133, .ip_source = "fe80::10"});
    nd(world, TAP_A, (FramesNd){.type = 136, .ip_source = "fe80::10", .target = "fe80::10"});
    wait_for(world, 1000);
    assert_log(world, "");
}

static void test_dad_defended(World *world)
{
    FramesNd claim = {.type = 135, .ip_source = "::", .target = "2001:db8::9"};

    nd(world, TAP_A, claim);
    nd(world, PARENT, (FramesNd){.type = 136, .target = "2001:db8::9"});
    wait_for(world, 1000);
    assert_log(world, "");
    nd(world, TAP_A, claim);
    nd(world, PARENT, claim);
    wait_for(world, 1000);
    assert_log(world, "");
    g_assert_cmpuint(counted(world, TAP_A, COUNTER_DEFENDED), ==, 2);

    /* Neither other messages, nor another LAN, nor a guest that pretends, nor a sibling. */
    nd(world, TAP_A, claim);
    nd(world, PARENT, (FramesNd){.type = 135, .ip_source = "fe80::2", .target = "2001:db8::9"});
    nd(world, PARENT, (FramesNd){.type = 136, .target = "2001:db8::8"});
    nd(world, PARENT_OTHER, (FramesNd){.type = 136, .target = "2001:db8::9"});
    nd(world, PARENT, (FramesNd){.type = 136, .target = "2001:db8::9", .source = frames_parent});
    nd(world, TAP_B, claim);
    wait_for(world, 1000);
    assert_log(world, "bind A 2001:db8::9 dad 3600");
    g_assert_cmpuint(counted(world, TAP_B, COUNTER_HELD), ==, 1);
}

/* RFC 4429: the address is used at once. */
static void test_dad_optimistic(World *world)
{
    nd(world, TAP_A, (FramesNd){.type = 135, .ip_source = "2001:db8::9", .target = "fe80::1"});
    nd(world, TAP_A, (FramesNd){.type = 136, .ip_source = "fe80::10", .target = "2001:db8::a"});
    wait_for(world, 500);
    assert_log(world, "bind A 2001:db8::9 dad 3600, bind A fe80::10 dad 3600, "
                      "bind A 2001:db8::a dad 3600");
}

static void test_router(World *world)
{
    FramesNd gone = {.type = 134, .prefix = "2001:db8::", .valid = 0};

    nd(world, TAP_A, gone);
    g_assert_cmpuint(counted(world, TAP_A, COUNTER_FORGED), ==, 1);
    nd(world, TAP_A, (FramesNd){.type = 135, .ip_source = "::", .target = "2001:db8::9"});
    nd(world, TAP_B, (FramesNd){.type = 135, .ip_source = "::", .target = "2001:db9::9"});
    wait_for(world, 500);
    g_string_truncate(world->log, 0);
    nd(world, PARENT, (FramesNd){.type = 134, .prefix = "2001:db8::", .valid = 100});
    wait_for(world, 5000);
    assert_log(world, "");
    nd(world, PARENT, gone);
    wait_for(world, 5000);
    assert_log(world, "probe A 2001:db8::9, probe A 2001:db8::9, probe A 2001:db8::9, "
                      "unbind A 2001:db8::9 withdrawn");
}

/* A thousand addresses from B; A's go on working. */
static void test_thousand(World *world)
{
    world->obliging = FALSE;
    for (unsigned i = 1; i <= 1000; i++) {
        g_autofree char *v4 = g_strdup_printf("10.1.%u.%u", i / 200, i % 200 + 1);
        g_autofree char *v6 = g_strdup_printf("2001:db8::%x", i);

        arp(world, TAP_B, v4);
        nd(world, TAP_B, (FramesNd){.type = 135, .ip_source = "::", .target = v6});
    }
    g_assert_cmpuint(counted(world, TAP_B, COUNTER_CLAIMS), ==, 10);
    g_assert_cmpuint(counted(world, TAP_B, COUNTER_RATE), ==, 1990);
    world->obliging = TRUE;
    g_string_truncate(world->log, 0);
    get_lease(world, TAP_A, 1, "10.0.0.9");
    arp(world, TAP_A, "10.0.0.9");
    nd(world, TAP_A, (FramesNd){.type = 135, .ip_source = "::", .target = "fe80::10"});
    g_assert_cmpuint(counted(world, TAP_A, COUNTER_CLAIMS), ==, 2);
}

static void test_ports(World *world)
{
    CorePort port = {.ifindex = TAP_A, .parent = PARENT, .addresses = 8};
    TestFrame frame;

    g_assert_false(core_port_add(world->core, &port)); /* is there */
    port.ifindex = 9;
    port.addresses = 0;
    g_assert_false(core_port_add(world->core, &port));
    port.addresses = CORE_ADDRESSES_MAX + 1;
    g_assert_false(core_port_add(world->core, &port));
    port.addresses = 1;
    port.parent = 99;
    g_assert_false(core_port_add(world->core, &port));

    /* What is not known is ignored, in either direction. */
    frames_arp(&frame, frames_parent, 1, "10.0.0.9", "10.0.0.1");
    core_feed(world->core, 99, CORE_FROM_GUEST, frame.data, frame.size, 0);
    core_feed(world->core, TAP_A, CORE_FROM_LAN, frame.data, frame.size, 0);
    core_feed(world->core, PARENT, CORE_FROM_GUEST, frame.data, frame.size, 0);
    assert_log(world, "");

    dhcp4(world, TAP_A, DISCOVER(1));
    core_port_remove(world->core, TAP_A);
    dhcp4(world, PARENT, OFFER(1, "10.0.0.9"));
    assert_log(world, "");
    g_assert_null(core_port_counters(world->core, TAP_A));
    core_parent_remove(world->core, PARENT);
    g_assert_null(core_port_counters(world->core, TAP_B));
    g_assert_nonnull(core_port_counters(world->core, TAP_C));
    g_assert_cmpuint(core_next(world->core), ==, G_MAXUINT64);
}

/* Many ports, so that the tables grow while they are used. */
static void test_growth(World *world)
{
    for (guint32 i = 0; i < 500; i++) {
        CorePort port = {.ifindex = 2000000 + i, .parent = PARENT, .addresses = 8, .arp = TRUE};
        g_autofree char *text = g_strdup_printf("10.2.%u.%u", i / 250, i % 250);

        g_assert_true(core_port_add(world->core, &port));
        arp(world, port.ifindex, text);
    }
    for (guint32 i = 0; i < 500; i++) {
        g_autofree char *text = g_strdup_printf("10.2.%u.%u", i / 250, i % 250);

        world->now += 100;
        arp(world, TAP_A, text);
        if (i % 2)
            core_port_remove(world->core, 2000000 + i);
    }
    g_assert_cmpuint(counted(world, TAP_A, COUNTER_HELD), ==, 500);
    wait_for(world, 400 * 1000);
}

/* A flow of frames, each cut at every length: nothing is bound by a part of a frame. */
static void test_truncated(World *world)
{
    TestFrame frames[6];

    frames_dhcp4(&frames[0], &OFFER(1, "10.0.0.9"));
    frames_dhcp4(&frames[1], &ACK(1, "10.0.0.9"));
    frames_dhcp6(&frames[2],
                 &(FramesDhcp6){.type = 7, .xid = 1, .valid = 900, .addresses = {"2001:db8::9"}});
    frames_arp(&frames[3], frames_parent, 1, "10.0.0.9", "10.0.0.1");
    frames_nd(&frames[4], &(FramesNd){.type = 135, .ip_source = "::", .target = "fe80::10"});
    frames_nd(&frames[5], &(FramesNd){.type = 136, .target = "fe80::10"});
    dhcp4(world, TAP_A, DISCOVER(1));
    dhcp6(world, TAP_A, (FramesDhcp6){.type = 3, .xid = 1});
    for (size_t i = 0; i < G_N_ELEMENTS(frames); i++) {
        for (TestFrame cut = frames[i]; cut.size > 0;) {
            cut.size--;
            feed(world, TAP_A, &cut);
            feed(world, PARENT, &cut);
        }
    }
    wait_for(world, 1000);
    assert_log(world, "");
    for (size_t i = 0; i < 3; i++)
        feed(world, PARENT, &frames[i]);
    assert_log(world, "bind A 10.0.0.9 dhcp 60, extend A 10.0.0.9 dhcp 900, "
                      "bind A 2001:db8::9 dhcpv6 900");
}

static const Case cases[] = {
    {"arp/claim", test_arp},
    {"arp/off", test_arp_off},
    {"arp/idle", test_idle},
    {"dad/bind", test_dad},
    {"dad/defended", test_dad_defended},
    {"dad/optimistic", test_dad_optimistic},
    {"dad/withdrawn", test_router},
    {"thousand", test_thousand},
    {"ports", test_ports},
    {"growth", test_growth},
    {"truncated", test_truncated},
};

int main(int argc, char **argv)
{
    return run_cases(&argc, &argv, "core", cases, G_N_ELEMENTS(cases));
}
