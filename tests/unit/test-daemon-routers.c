/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Which routers the daemon knows and remembers, by a clock of the test's.
 */
#include "daemon/ip-set.h"
#include "daemon/routers.h"

#define SECOND ((gint64)G_USEC_PER_SEC)

static IpAddress address(guint n)
{
    IpAddress ip;

    g_assert_true(ip_parse("fe80::", &ip));
    ip.bytes[14] = (guint8)(n >> 8);
    ip.bytes[15] = (guint8)n;
    return ip;
}

static void present(GHashTable *set, guint n)
{
    const IpAddress ip = address(n);

    g_hash_table_add(set, g_memdup2(&ip, sizeof(ip)));
}

static gboolean has(const Routers *routers, guint n, gint64 now)
{
    const IpAddress ip = address(n);

    return routers_has(routers, &ip, now);
}

static void add(Routers *routers, guint n, gint64 now)
{
    const IpAddress ip = address(n);

    routers_add(routers, &ip, now);
}

static guint count(const Routers *routers)
{
    g_autoptr(GPtrArray) list = routers_present(routers);

    return list->len;
}

static void test_remembered(void)
{
    g_autoptr(Routers) routers = routers_new();
    g_autoptr(GHashTable) none = ip_set_new();
    gint64 now = 10 * SECOND;

    g_assert_false(has(routers, 1, now));
    add(routers, 1, now);
    g_assert_true(has(routers, 1, now));
    g_assert_false(has(routers, 2, now));
    /* For as long as there is a route. */
    g_assert_true(has(routers, 1, now + 100 * ROUTERS_MEMORY));

    now += 100 * ROUTERS_MEMORY;
    routers_replace(routers, none, now);
    g_assert_cmpuint(count(routers), ==, 0);
    g_assert_true(has(routers, 1, now));
    g_assert_true(has(routers, 1, now + ROUTERS_MEMORY - 1));
    g_assert_false(has(routers, 1, now + ROUTERS_MEMORY));
    /* Another look at nothing does not renew it. */
    routers_replace(routers, none, now + ROUTERS_MEMORY / 2);
    g_assert_false(has(routers, 1, now + ROUTERS_MEMORY));
}

static void test_back(void)
{
    g_autoptr(Routers) routers = routers_new();
    g_autoptr(GHashTable) none = ip_set_new(), one = ip_set_new();
    gint64 now = 10 * SECOND;

    present(one, 1);
    routers_replace(routers, one, now);
    g_assert_cmpuint(count(routers), ==, 1);
    routers_replace(routers, none, now += SECOND);
    add(routers, 1, now += SECOND);
    g_assert_cmpuint(count(routers), ==, 1);
    add(routers, 1, now);
    g_assert_cmpuint(count(routers), ==, 1);
    routers_replace(routers, one, now += 2 * ROUTERS_MEMORY);
    g_assert_cmpuint(count(routers), ==, 1);
    routers_replace(routers, none, now += SECOND);
    g_assert_true(has(routers, 1, now + ROUTERS_MEMORY - 1));
}

/* One that was a router for a moment is remembered for a moment, however often. */
static void test_brief(void)
{
    g_autoptr(Routers) routers = routers_new();
    g_autoptr(GHashTable) none = ip_set_new();
    gint64 now = 10 * SECOND;

    for (guint i = 0; i < 5; i++) {
        add(routers, 1, now += ROUTERS_MEMORY / 2);
        routers_replace(routers, none, now += SECOND);
        g_assert_true(has(routers, 1, now + SECOND - 1));
        g_assert_false(has(routers, 1, now + SECOND));
    }
    add(routers, 1, now);
    routers_trust(routers);
    routers_replace(routers, none, now += SECOND);
    g_assert_true(has(routers, 1, now + ROUTERS_MEMORY - 1));
    g_assert_false(has(routers, 1, now + ROUTERS_MEMORY));
}

/* The LAN makes up routers, ends the real one's route, and makes up more. */
static void test_flood(void)
{
    g_autoptr(Routers) routers = routers_new();
    g_autoptr(GHashTable) none = ip_set_new();
    gint64 now = 10 * SECOND;
    guint forged = 1;

    add(routers, 0, now);
    now += ROUTERS_MEMORY;
    for (guint wave = 0; wave < 10; wave++) {
        now += SECOND;
        for (guint i = 0; i < 2 * ROUTERS_MAX; i++)
            add(routers, forged++, now);
        g_assert_cmpuint(count(routers), ==, ROUTERS_MAX);
        g_assert_true(has(routers, 0, now));
        now += SECOND;
        routers_replace(routers, none, now);
        g_assert_cmpuint(count(routers), ==, 0);
        g_assert_true(has(routers, 0, now));
    }

    guint known = 0;
    for (guint i = 0; i < forged; i++)
        known += has(routers, i, now);
    g_assert_cmpuint(known, ==, ROUTERS_MAX);
}

/* One that comes back finds all places taken, and is remembered for longer nevertheless. */
static void test_back_in_flood(void)
{
    g_autoptr(Routers) routers = routers_new();
    g_autoptr(GHashTable) none = ip_set_new();
    gint64 now = 10 * SECOND;

    add(routers, 0, now);
    routers_replace(routers, none, now += ROUTERS_MEMORY);
    for (guint i = 1; i <= ROUTERS_MAX; i++)
        add(routers, i, now);
    add(routers, 0, now += ROUTERS_MEMORY / 2);
    g_assert_cmpuint(count(routers), ==, ROUTERS_MAX);
    g_assert_true(has(routers, 0, now + ROUTERS_MEMORY - 1));
    g_assert_false(has(routers, 0, now + ROUTERS_MEMORY));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/routers/remembered", test_remembered);
    g_test_add_func("/routers/back", test_back);
    g_test_add_func("/routers/brief", test_brief);
    g_test_add_func("/routers/flood", test_flood);
    g_test_add_func("/routers/back-in-flood", test_back_in_flood);
    return g_test_run();
}
