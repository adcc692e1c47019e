/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Guests' MACs, as far as no kernel is needed: who has used one longest, which may be in a parent's
 * filter, and the frames that announce where an address is.
 */
#include "daemon/announce.h"
#include "daemon/mac-table.h"
#include "daemon/nic-filter.h"

#include <string.h>

static const guint8 mac_a[HWADDR_SIZE] = {0x52, 0x54, 0, 0x12, 0x34, 0x56};
static const guint8 mac_b[HWADDR_SIZE] = {0x52, 0x54, 0, 0x12, 0x34, 0x57};
static const guint8 group[HWADDR_SIZE] = {0x53, 0x54, 0, 0x12, 0x34, 0x56};

static MacKey key(guint32 parent, const guint8 *mac)
{
    MacKey key = {.parent = parent};

    memcpy(key.mac, mac, HWADDR_SIZE);
    return key;
}

static void test_table(void)
{
    static const struct {
        guint32 ifindex, parent;
        const guint8 *mac; /* NULL: it leaves */
        guint32 first_a, first_b, first_b_elsewhere;
    } steps[] = {
        {1, 7, mac_a, 1, 0, 0}, {2, 7, mac_a, 1, 0, 0}, {2, 7, mac_a, 1, 0, 0},
        {3, 7, mac_b, 1, 3, 0}, {3, 7, mac_a, 1, 0, 0}, {1, 7, mac_b, 2, 1, 0},
        {1, 7, mac_a, 2, 0, 0}, {2, 7, NULL, 3, 0, 0},  {4, 8, mac_b, 3, 0, 4},
        {3, 8, mac_b, 1, 0, 4}, {4, 8, NULL, 1, 0, 3},  {4, 8, NULL, 1, 0, 3},
        {1, 7, NULL, 0, 0, 3},  {3, 8, NULL, 0, 0, 0},
    };
    const MacKey a = key(7, mac_a), b = key(7, mac_b), elsewhere = key(8, mac_b);
    g_autoptr(MacTable) table = mac_table_new();

    for (gsize i = 0; i < G_N_ELEMENTS(steps); i++) {
        g_test_message("step %zu", i);
        if (steps[i].mac == NULL)
            mac_table_remove(table, steps[i].ifindex);
        else
            g_assert_cmpint(mac_table_set(table, steps[i].ifindex, steps[i].parent, steps[i].mac),
                            ==, i != 2);
        g_assert_cmpint(mac_table_find(table, steps[i].ifindex) != NULL, ==, steps[i].mac != NULL);
        g_assert_cmpuint(mac_table_first(table, &a), ==, steps[i].first_a);
        g_assert_cmpuint(mac_table_first(table, &b), ==, steps[i].first_b);
        g_assert_cmpuint(mac_table_first(table, &elsewhere), ==, steps[i].first_b_elsewhere);
    }
}

static void test_permits(void)
{
    Link wired = {.ifindex = 7, .kind = "", .hwaddr = {2, 0, 0, 0, 0, 1}, .hwaddr_size = 6};
    Link bridge = {.ifindex = 8, .kind = "bridge", .hwaddr = {2, 0, 0, 0, 0, 2}, .hwaddr_size = 6};
    Link tunnel = {.ifindex = 9, .kind = "ipip", .hwaddr_size = 0};
    Link *all[] = {&tunnel, &wired, &bridge};
    const struct {
        guint32 parent;
        const guint8 *mac;
        gboolean permitted;
    } cases[] = {
        {7, mac_a, TRUE},         {8, mac_a, FALSE},         {10, mac_a, FALSE},
        {7, wired.hwaddr, FALSE}, {7, bridge.hwaddr, FALSE}, {7, group, FALSE},
    };
    g_autoptr(GPtrArray) links = g_ptr_array_new();

    for (gsize i = 0; i < G_N_ELEMENTS(all); i++)
        g_ptr_array_add(links, all[i]);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        const MacKey wanted = key(cases[i].parent, cases[i].mac);
        const Link *parent = NULL;

        g_test_message("case %zu", i);
        g_assert_cmpint(nic_filter_permits(links, &wanted, &parent), ==, cases[i].permitted);
        if (cases[i].permitted)
            g_assert_true(parent == &wired);
    }
}

static void test_announce(void)
{
    static const guint8 arp[] = {
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x52, 0x54, 0,    0x12, 0x34, 0x56, 0x08, 0x06,
        0,    1,    8,    0,    6,    4,    0,    1,    0x52, 0x54, 0,    0x12, 0x34, 0x56,
        192,  0,    2,    7,    0,    0,    0,    0,    0,    0,    192,  0,    2,    7,
    };
    static const guint8 advertisement[] = {
        0x33, 0x33, 0,    0,    0,    1,    0x52, 0x54, 0,    0x12, 0x34, 0x56, 0x86, 0xdd, 0x60,
        0,    0,    0,    0,    32,   58,   255,  0x20, 0x01, 0x0d, 0xb8, 0,    0,    0,    0,
        0,    0,    0,    0,    0,    0,    0,    7,    0xff, 2,    0,    0,    0,    0,    0,
        0,    0,    0,    0,    0,    0,    0,    0,    1,    136,  0,    0x74, 0x63, 0x20, 0,
        0,    0,    0x20, 0x01, 0x0d, 0xb8, 0,    0,    0,    0,    0,    0,    0,    0,    0,
        0,    0,    7,    2,    1,    0x52, 0x54, 0,    0x12, 0x34, 0x56,
    };
    guint8 frame[ANNOUNCE_FRAME_MAX];
    IpAddress ip;

    g_assert_true(ip_parse("192.0.2.7", &ip));
    g_assert_cmpmem(frame, announce_frame(&ip, mac_a, frame), arp, sizeof(arp));
    g_assert_true(ip_parse("2001:db8::7", &ip));
    g_assert_cmpmem(frame, announce_frame(&ip, mac_a, frame), advertisement, sizeof(advertisement));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/daemon/macs/table", test_table);
    g_test_add_func("/daemon/macs/permits", test_permits);
    g_test_add_func("/daemon/macs/announce", test_announce);
    return g_test_run();
}
