/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * host=on, as far as no kernel is needed: which addresses may be entered into the host's neighbour
 * table, and which link is a door.
 */
#include "daemon/host-link.h"
#include "daemon/host-neighbours.h"

#include <linux/neighbour.h>
#include <string.h>

#define PARENT 3

static const guint8 parent_mac[HWADDR_SIZE] = {2, 0, 0x5e, 0, 0, 2};

static void test_neighbour(void)
{
    static const struct {
        const char *name;
        guint16 state;
        guint8 protocol;
        gboolean known, right; /* a MAC, and the parent's */
        HostNeighbourVerdict verdict;
    } cases[] = {
        {"ours", NUD_PERMANENT, NEIGHBOUR_PROTOCOL, TRUE, TRUE, HOST_NEIGHBOUR_SET},
        {"ours, at the MAC that the parent had", NUD_PERMANENT, NEIGHBOUR_PROTOCOL, TRUE, FALSE,
         HOST_NEIGHBOUR_FREE},
        {"ours once, and learned anew", NUD_REACHABLE, NEIGHBOUR_PROTOCOL, TRUE, FALSE,
         HOST_NEIGHBOUR_TAKEN},
        {"learned of the guest", NUD_STALE, 0, TRUE, TRUE, HOST_NEIGHBOUR_FREE},
        {"learned of another", NUD_REACHABLE, 0, TRUE, FALSE, HOST_NEIGHBOUR_TAKEN},
        {"learned of another long ago", NUD_STALE, 0, TRUE, FALSE, HOST_NEIGHBOUR_TAKEN},
        {"the administrator's", NUD_PERMANENT, 4, TRUE, FALSE, HOST_NEIGHBOUR_TAKEN},
        {"nobody answered", NUD_FAILED, 0, FALSE, FALSE, HOST_NEIGHBOUR_FREE},
        {"nobody has answered yet", NUD_INCOMPLETE, 0, FALSE, FALSE, HOST_NEIGHBOUR_FREE},
    };

    g_assert_cmpint(host_neighbours_judge(NULL, parent_mac), ==, HOST_NEIGHBOUR_FREE);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        Neighbour known = {.ifindex = PARENT,
                           .state = cases[i].state,
                           .protocol = cases[i].protocol,
                           .known = cases[i].known};

        g_test_message("%s", cases[i].name);
        memcpy(known.hwaddr, parent_mac, HWADDR_SIZE);
        known.hwaddr[5] = cases[i].right ? 2 : 1;
        g_assert_cmpint(host_neighbours_judge(&known, parent_mac), ==, cases[i].verdict);
    }
}

static void test_route(void)
{
    static const struct {
        guint32 ifindex;
        guint8 gateway, type;
        HostNeighbourVerdict verdict;
    } cases[] = {
        {PARENT, AF_UNSPEC, RTN_UNICAST, HOST_NEIGHBOUR_FREE},
        {PARENT, AF_INET, RTN_UNICAST, HOST_NEIGHBOUR_ELSEWHERE},
        {PARENT, AF_INET6, RTN_UNICAST, HOST_NEIGHBOUR_ELSEWHERE},
        {PARENT + 1, AF_UNSPEC, RTN_UNICAST, HOST_NEIGHBOUR_ELSEWHERE},
        {PARENT, AF_UNSPEC, RTN_BROADCAST, HOST_NEIGHBOUR_NOWHERE},
        {1, AF_UNSPEC, RTN_LOCAL, HOST_NEIGHBOUR_NOWHERE},
        {0, AF_UNSPEC, RTN_UNREACHABLE, HOST_NEIGHBOUR_NOWHERE},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        const Route route = {
            .ifindex = cases[i].ifindex, .gateway.family = cases[i].gateway, .type = cases[i].type};

        g_assert_cmpint(host_neighbours_judge_route(&route, PARENT), ==, cases[i].verdict);
    }
}

static void test_door(void)
{
    static const struct {
        const char *name, *kind;
        guint32 parent;
        gboolean is;
    } cases[] = {
        {"ontaph3", "ipvlan", 3, TRUE},   {"ontaph1f", "ipvlan", 31, TRUE},
        {"ontaph3", "ipvlan", 4, FALSE},  {"ontaph0", "ipvlan", 0, FALSE},
        {"ontaph3", "macvlan", 3, FALSE}, {"ontap3", "ipvtap", 3, FALSE},
    };
    char name[IFNAMSIZ];

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        Link link = {.parent = cases[i].parent};

        g_strlcpy(link.name, cases[i].name, sizeof(link.name));
        g_strlcpy(link.kind, cases[i].kind, sizeof(link.kind));
        g_assert_cmpint(host_link_is(&link), ==, cases[i].is);
    }
    host_link_name(G_MAXINT32, name);
    g_assert_cmpstr(name, ==, "ontaph7fffffff");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/daemon/host/neighbour", test_neighbour);
    g_test_add_func("/daemon/host/route", test_route);
    g_test_add_func("/daemon/host/door", test_door);
    return g_test_run();
}
