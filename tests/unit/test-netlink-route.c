/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Routes against the running kernel, in all the forms in which it tells a next hop, and against
 * messages that lie about their sizes.
 */
#include "netlink/address.h"
#include "netlink/link.h"
#include "netlink/route.h"
#include "netns.h"

#include <errno.h>
#include <string.h>

/* Adds `text`, a prefix length, to the parent. */
static void add_address(Rtnl *rtnl, const char *text, guint8 prefix_length)
{
    IpAddress ip = netns_ip(text);
    Address address = address_binding(&ip, NETNS_PARENT, ADDRESS_FOREVER);
    g_autoptr(GError) error = NULL;

    address.prefix_length = prefix_length;
    address_add(rtnl, &address, ADDRESS_NEW, &error);
    g_assert_no_error(error);
}

static const Route *find(const GArray *routes, const IpAddress *ip, guint8 prefix_length,
                         const IpAddress *gateway)
{
    for (guint i = 0; i < routes->len; i++) {
        const Route *route = &g_array_index(routes, Route, i);

        if (ip_equal(&route->destination, ip) && route->prefix_length == prefix_length &&
            (!gateway || ip_equal(&route->gateway, gateway)))
            return route;
    }
    return NULL;
}

static void test_host(gconstpointer data)
{
    g_autoptr(Rtnl) rtnl = netns_world();
    bool six = GPOINTER_TO_INT(data);
    IpAddress guest = netns_ip(six ? "2001:db8::7" : "192.0.2.7");
    IpAddress source = netns_ip(six ? "2001:db8:1::1" : "198.51.100.1");
    Route route = route_to_host(&guest, NETNS_PARENT, &source);
    GError *error = NULL;

    if (!rtnl)
        return;
    add_address(rtnl, six ? "2001:db8:1::1" : "198.51.100.1", six ? 64 : 24);
    route.protocol = 144;
    route_add(rtnl, &route, &error);
    g_assert_no_error(error);
    {
        g_autoptr(GArray) routes =
            route_list(rtnl, guest.family, RT_TABLE_MAIN, NETNS_PARENT, &error);
        const Route *found;

        g_assert_no_error(error);
        found = find(routes, &guest, six ? 128 : 32, NULL);
        g_assert_nonnull(found);
        g_assert_cmpuint(found->ifindex, ==, NETNS_PARENT);
        g_assert_true(ip_equal(&found->source, &source));
        g_assert_cmpuint(found->gateway.family, ==, AF_UNSPEC);
        g_assert_cmpuint(found->protocol, ==, 144);
        g_assert_cmpuint(found->type, ==, RTN_UNICAST);
        g_assert_cmpuint(found->table, ==, RT_TABLE_MAIN);
    }
    netns_assert_failed(route_add(rtnl, &route, &error), &error, EEXIST,
                        "cannot add the route to ");
    route.protocol = 145; /* somebody else's is not deleted */
    netns_assert_failed(route_delete(rtnl, &route, &error), &error, ESRCH, NULL);
    route.protocol = 144;
    route_delete(rtnl, &route, &error);
    g_assert_no_error(error);
    netns_assert_failed(route_delete(rtnl, &route, &error), &error, ESRCH,
                        "cannot delete the route to ");
    route.ifindex = 4711;
    netns_assert_failed(route_add(rtnl, &route, &error), &error, ENODEV, NULL);
}

/* An address that was to be a binding only is taken out of table `local`, and stays on the link. */
static void test_local(gconstpointer data)
{
    g_autoptr(Rtnl) rtnl = netns_world();
    bool six = GPOINTER_TO_INT(data);
    const char *text = six ? "2001:db8::7" : "192.0.2.7";
    IpAddress ip = netns_ip(text);
    Route route = {.destination = ip,
                   .prefix_length = six ? 128 : 32,
                   .table = RT_TABLE_LOCAL,
                   .type = RTN_LOCAL};
    gint64 deadline = g_get_monotonic_time() + 5 * G_USEC_PER_SEC;
    g_autoptr(GArray) after = NULL, addresses = NULL;
    g_autoptr(GError) error = NULL;

    if (!rtnl)
        return;
    add_address(rtnl, text, six ? 128 : 32);
    for (;;) { /* the one of IPv6 comes a little after its address */
        g_autoptr(GArray) before = route_list(rtnl, ip.family, RT_TABLE_LOCAL, 0, &error);

        g_assert_no_error(error);
        if (find(before, &ip, six ? 128 : 32, NULL))
            break;
        g_assert_cmpint(g_get_monotonic_time(), <, deadline);
        g_usleep(1000);
    }
    route_delete(rtnl, &route, &error);
    g_assert_no_error(error);
    after = route_list(rtnl, ip.family, RT_TABLE_LOCAL, 0, &error);
    g_assert_no_error(error);
    g_assert_null(find(after, &ip, six ? 128 : 32, NULL));
    addresses = address_list(rtnl, NETNS_PARENT, &error);
    g_assert_no_error(error);
    for (guint i = 0;; i++) {
        g_assert_cmpuint(i, <, addresses->len);
        if (ip_equal(&g_array_index(addresses, Address, i).ip, &ip))
            break;
    }
}

/* Default routers: alone, one of several, and of the other family. */
static void test_routers(void)
{
    g_autoptr(Rtnl) rtnl = netns_world();
    IpAddress any4 = {.family = AF_INET}, any6 = {.family = AF_INET6};
    IpAddress one = netns_ip("192.0.2.1"), two = netns_ip("192.0.2.2");
    IpAddress six = netns_ip("2001:db8::1"), via = netns_ip("fe80::1");
    Route route = {.ifindex = NETNS_PARENT};
    GError *error = NULL;

    if (!rtnl)
        return;
    add_address(rtnl, "192.0.2.9", 24);
    add_address(rtnl, "2001:db8::9", 64);
    route.destination = any6;
    route.gateway = six;
    route_add(rtnl, &route, &error);
    g_assert_no_error(error);
    route.destination = any4;
    route.gateway = via;
    route_add(rtnl, &route, &error);
    g_assert_no_error(error);
    {
        g_autoptr(GArray) four = route_list(rtnl, AF_INET, RT_TABLE_MAIN, 0, &error);
        g_autoptr(GArray) sixes = route_list(rtnl, AF_INET6, RT_TABLE_MAIN, 0, &error);

        g_assert_nonnull(find(four, &any4, 0, &via));
        g_assert_nonnull(find(sixes, &any6, 0, &six));
    }
    route_delete(rtnl, &route, &error);
    g_assert_no_error(error);

    {
        RtnlMessage message;
        struct rtmsg *header =
            rtnl_message_init(&message, RTM_NEWROUTE, NLM_F_CREATE, sizeof *header);
        const IpAddress *gateways[] = {&one, &two};
        struct nlattr *hops;

        header->rtm_family = AF_INET;
        header->rtm_table = RT_TABLE_MAIN;
        header->rtm_protocol = RTPROT_STATIC;
        header->rtm_type = RTN_UNICAST;
        hops = mnl_attr_nest_start(&message.header, RTA_MULTIPATH);
        for (size_t i = 0; i < 2; i++) {
            struct rtnexthop *hop = mnl_nlmsg_get_payload_tail(&message.header);

            mnl_nlmsg_put_extra_header(&message.header, sizeof *hop);
            hop->rtnh_ifindex = NETNS_PARENT;
            ip_put(&message.header, RTA_GATEWAY, gateways[i]);
            hop->rtnh_len =
                (guint16)((char *)mnl_nlmsg_get_payload_tail(&message.header) - (char *)hop);
        }
        mnl_attr_nest_end(&message.header, hops);
        rtnl_request(rtnl, &message.header, "two routers", &error);
        g_assert_no_error(error);
    }
    {
        g_autoptr(GArray) routes = route_list(rtnl, AF_INET, RT_TABLE_MAIN, NETNS_PARENT, &error);

        g_assert_nonnull(find(routes, &any4, 0, &one));
        g_assert_nonnull(find(routes, &any4, 0, &two));
    }
}

/* A table that does not exist is empty, and a listing of a link has nothing of others. */
static void test_list(void)
{
    g_autoptr(Rtnl) rtnl = netns_world();
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) none = NULL, lo = NULL, many = NULL;
    g_autoptr(Link) loopback = NULL;

    if (!rtnl)
        return;
    none = route_list(rtnl, AF_INET, 4711, 0, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(none->len, ==, 0);
    for (guint i = 0; i < 1000; i++) {
        g_autofree char *text = g_strdup_printf("10.0.%u.%u", i / 250, i % 250);
        IpAddress ip = netns_ip(text);
        Route route = route_to_host(&ip, NETNS_PARENT, NULL);

        route_add(rtnl, &route, &error);
        g_assert_no_error(error);
    }
    many = route_list(rtnl, AF_INET, RT_TABLE_MAIN, NETNS_PARENT, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(many->len, ==, 1000);
    loopback = link_get_by_name(rtnl, "lo", &error);
    lo = route_list(rtnl, AF_INET, RT_TABLE_MAIN, loopback->ifindex, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(lo->len, ==, 0);
}

static void count(const Route *route, void *data)
{
    g_assert_cmpuint(route->ifindex, ==, 5);
    ++*(guint *)data;
}

/* Next hops whose lengths lie are refused, after those before them were told. */
static void test_parse_hops(void)
{
    static const struct {
        guint16 first, second; /* rtnh_len; both really have 16 bytes */
        bool good;
        guint hops;
    } cases[] = {
        {16, 16, true, 2},  {16, 0, false, 1},      {16, 7, false, 1},  {0, 16, false, 0},
        {16, 17, false, 1}, {16, 0xffff, false, 1}, {33, 16, false, 0},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        IpAddress gateway = netns_ip("192.0.2.1");
        RtnlMessage message;
        struct rtmsg *header = rtnl_message_init(&message, RTM_NEWROUTE, 0, sizeof *header);
        struct nlattr *hops = mnl_attr_nest_start(&message.header, RTA_MULTIPATH);
        guint n = 0;
        g_autofree struct nlmsghdr *exact = NULL;

        header->rtm_family = AF_INET;
        for (size_t k = 0; k < 2; k++) {
            struct rtnexthop *hop = mnl_nlmsg_put_extra_header(&message.header, sizeof *hop);

            hop->rtnh_ifindex = 5;
            hop->rtnh_len = k ? cases[i].second : cases[i].first;
            ip_put(&message.header, RTA_GATEWAY, &gateway);
        }
        mnl_attr_nest_end(&message.header, hops);
        exact = g_memdup2(&message, message.header.nlmsg_len);
        g_assert_cmpint(route_parse(exact, count, &n), ==, cases[i].good);
        g_assert_cmpuint(n, ==, cases[i].hops);
    }
}

static void test_parse_attributes(void)
{
    static const struct {
        guint16 attribute;
        guint16 size;
        const char *bytes;
    } bad[] = {
        {RTA_DST, 5, "12345"},
        {RTA_GATEWAY, 16, "0123456789abcdef"},
        {RTA_GATEWAY, 0, ""},
        {RTA_OIF, 2, "12"},
        {RTA_TABLE, 8, "12345678"},
        {RTA_VIA, 1, "1"},
        {RTA_VIA, 2, "\x0a\0"},
        {RTA_VIA, 6,
         "\x0a\0"
         "1234"},
        {RTA_VIA, 6,
         "\x02\x01"
         "1234"},
        {RTA_VIA, 6,
         "\0\0"
         "1234"},
        {RTA_MULTIPATH, 3, "123"},
    };
    RtnlMessage message;
    struct rtmsg *header;
    guint n = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree struct nlmsghdr *exact = NULL;

        header = rtnl_message_init(&message, RTM_NEWROUTE, 0, sizeof *header);
        header->rtm_family = AF_INET;
        mnl_attr_put(&message.header, bad[i].attribute, bad[i].size, bad[i].bytes);
        exact = g_memdup2(&message, message.header.nlmsg_len);
        g_assert_false(route_parse(exact, count, &n));
        g_assert_cmpint(errno, !=, ENOMSG);
    }
    header = rtnl_message_init(&message, RTM_NEWROUTE, 0, sizeof *header);
    header->rtm_family = AF_INET6;
    header->rtm_flags = RTM_F_CLONED;
    g_assert_false(route_parse(&message.header, count, &n));
    g_assert_cmpint(errno, ==, ENOMSG);
    g_assert_cmpuint(n, ==, 0);
}

/* What the kernel would do, with each sort of answer. */
static void test_lookup(void)
{
    g_autoptr(Rtnl) rtnl = netns_world();
    const IpAddress near = netns_ip("198.51.100.7"), far = netns_ip("203.0.113.7");
    const IpAddress own = netns_ip("198.51.100.1"), router = netns_ip("198.51.100.2");
    const IpAddress six = netns_ip("2001:db8::7"), six_far = netns_ip("2001:db8:1::7");
    Route route = {.destination = far, .prefix_length = 32, .gateway = router};
    GError *error = NULL;

    if (!rtnl)
        return;
    add_address(rtnl, "198.51.100.1", 24);
    add_address(rtnl, "2001:db8::1", 64);
    route_add(rtnl, &route, &error);
    g_assert_no_error(error);

    g_assert_true(route_lookup(rtnl, &near, &route, &error));
    g_assert_cmpuint(route.ifindex, ==, NETNS_PARENT);
    g_assert_cmpuint(route.gateway.family, ==, AF_UNSPEC);
    g_assert_cmpuint(route.type, ==, RTN_UNICAST);
    g_assert_true(route_lookup(rtnl, &far, &route, &error));
    g_assert_true(ip_equal(&route.gateway, &router));
    g_assert_true(route_lookup(rtnl, &own, &route, &error));
    g_assert_cmpuint(route.type, ==, RTN_LOCAL);
    g_assert_true(route_lookup(rtnl, &six, &route, &error));
    g_assert_cmpuint(route.ifindex, ==, NETNS_PARENT);
    netns_assert_failed(route_lookup(rtnl, &six_far, &route, &error), &error, ENETUNREACH,
                        "no way to 2001:db8:1::7");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_data_func("/netlink/route/host/ipv4", GINT_TO_POINTER(0), test_host);
    g_test_add_data_func("/netlink/route/host/ipv6", GINT_TO_POINTER(1), test_host);
    g_test_add_data_func("/netlink/route/local/ipv4", GINT_TO_POINTER(0), test_local);
    g_test_add_data_func("/netlink/route/local/ipv6", GINT_TO_POINTER(1), test_local);
    g_test_add_func("/netlink/route/routers", test_routers);
    g_test_add_func("/netlink/route/list", test_list);
    g_test_add_func("/netlink/route/parse/hops", test_parse_hops);
    g_test_add_func("/netlink/route/parse/attributes", test_parse_attributes);
    g_test_add_func("/netlink/route/lookup", test_lookup);
    return g_test_run();
}
