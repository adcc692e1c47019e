/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The monitor against the running kernel, in a main context of the test's own.
 */
#include "netlink/monitor.h"
#include "netns.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

/* What the monitor told last, and how often. */
typedef struct {
    guint links, gone_links, addresses, gone_addresses, routes, gone_routes, lost;
    Address address;
    Route route;
    char link_name[IFNAMSIZ];
} Told;

static void on_link(const Link *link, bool gone, void *data)
{
    Told *told = data;

    gone ? told->gone_links++ : told->links++;
    g_strlcpy(told->link_name, link->name, sizeof told->link_name);
}

/* Others than the one looked for come too: link-local addresses, their routes. */
static bool interesting(const IpAddress *ip)
{
    IpAddress four = netns_ip("192.0.2.7"), six = netns_ip("2001:db8::7");

    return ip_equal(ip, &four) || ip_equal(ip, &six);
}

static void on_address(const Address *address, bool gone, void *data)
{
    Told *told = data;

    if (!interesting(&address->ip))
        return;
    gone ? told->gone_addresses++ : told->addresses++;
    told->address = *address;
}

static void on_route(const Route *route, bool gone, void *data)
{
    Told *told = data;

    if (!interesting(&route->destination) || route->table != RT_TABLE_MAIN)
        return;
    gone ? told->gone_routes++ : told->routes++;
    told->route = *route;
}

static void on_lost(void *data)
{
    ((Told *)data)->lost++;
}

static const MonitorCallbacks everything = {
    .link = on_link, .address = on_address, .route = on_route, .lost = on_lost};

/* All that the kernel has queued; what it does later, on its own, may be missing. */
static void drain(GMainContext *context)
{
    while (g_main_context_iteration(context, FALSE))
        ;
}

/* Turns the main loop until a count is what it should be. */
static void await(GMainContext *context, const guint *counter, guint expected)
{
    gint64 deadline = g_get_monotonic_time() + 5 * G_USEC_PER_SEC;

    while (*counter < expected) {
        g_assert_cmpint(g_get_monotonic_time(), <, deadline);
        if (!g_main_context_iteration(context, FALSE))
            g_usleep(1000);
    }
    g_assert_cmpuint(*counter, ==, expected);
}

static void test_changes(gconstpointer data)
{
    g_autoptr(Rtnl) rtnl = netns_world();
    g_autoptr(GMainContext) context = g_main_context_new();
    g_autoptr(Monitor) monitor = NULL;
    IpAddress ip = netns_ip(data), other = netns_ip(strchr(data, ':') ? "fd00::1" : "10.0.0.1");
    Address address = address_binding(&ip, NETNS_PARENT, 100);
    Route route = route_to_host(&ip, NETNS_PARENT, NULL);
    g_autoptr(GError) error = NULL;
    Told told = {0};

    if (!rtnl)
        return;
    monitor = monitor_new(&everything, &told, context, &error);
    g_assert_no_error(error);
    drain(context);

    g_assert_true(address_add(rtnl, &address, ADDRESS_NEW, NULL));
    await(context, &told.addresses, 1);
    g_assert_true(ip_equal(&told.address.ip, &ip));
    g_assert_cmpuint(told.address.ifindex, ==, NETNS_PARENT);
    g_assert_cmpuint(told.address.valid_s, >=, 95);
    g_assert_cmpuint(told.address.valid_s, <=, 100);
    address.valid_s = address.preferred_s = 1000;
    g_assert_true(address_add(rtnl, &address, ADDRESS_REPLACE, NULL));
    await(context, &told.addresses, 2);
    g_assert_cmpuint(told.address.valid_s, >, 900);
    g_assert_true(address_delete(rtnl, &address, NULL));
    await(context, &told.gone_addresses, 1);
    drain(context);

    told.routes = told.gone_routes = 0; /* some kernels made one for the IPv6 address */
    address = address_binding(&other, NETNS_PARENT, ADDRESS_FOREVER);
    g_assert_true(address_add(rtnl, &address, ADDRESS_NEW, NULL));
    route_add(rtnl, &route, &error);
    g_assert_no_error(error);
    await(context, &told.routes, 1);
    g_assert_cmpuint(told.route.ifindex, ==, NETNS_PARENT);
    g_assert_true(route_delete(rtnl, &route, NULL));
    await(context, &told.gone_routes, 1);
    g_assert_cmpuint(told.lost, ==, 0);
}

static void test_links(void)
{
    g_autoptr(Rtnl) rtnl = netns_world();
    g_autoptr(GMainContext) context = g_main_context_new();
    g_autoptr(Monitor) monitor = NULL;
    g_autoptr(GError) error = NULL;
    Told told = {0};

    if (!rtnl)
        return;
    monitor = monitor_new(&everything, &told, context, &error);
    g_assert_no_error(error);
    drain(context);
    told.links = 0;
    g_assert_true(link_set_group(rtnl, NETNS_PARENT, 3, NULL));
    drain(context);
    g_assert_cmpuint(told.links, >=, 1);
    g_assert_cmpstr(told.link_name, ==, "up0");
    g_assert_true(link_delete(rtnl, NETNS_PARENT, NULL)); /* and its peer with it */
    await(context, &told.gone_links, 2);
}

/* A port that leaves its bridge is not a link that is gone. */
static void test_bridge_port(void)
{
    g_autoptr(Rtnl) rtnl = netns_world();
    g_autoptr(GMainContext) context = g_main_context_new();
    g_autoptr(Monitor) monitor = NULL;
    g_autoptr(Link) bridge = NULL;
    g_autoptr(GError) error = NULL;
    Told told = {0};
    RtnlMessage message;
    struct nlattr *linkinfo;

    if (!rtnl)
        return;
    rtnl_message_init(&message, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof(struct ifinfomsg));
    mnl_attr_put_strz(&message.header, IFLA_IFNAME, "br0");
    linkinfo = mnl_attr_nest_start(&message.header, IFLA_LINKINFO);
    mnl_attr_put_strz(&message.header, IFLA_INFO_KIND, "bridge");
    mnl_attr_nest_end(&message.header, linkinfo);
    if (!rtnl_request(rtnl, &message.header, "br0", &error) &&
        g_error_matches(error, RTNL_ERROR, EOPNOTSUPP)) {
        g_test_skip("this kernel has no bridge");
        return;
    }
    g_assert_no_error(error);
    bridge = link_get_by_name(rtnl, "br0", &error);
    monitor = monitor_new(&everything, &told, context, &error);
    g_assert_no_error(error);
    for (int joined = 1; joined >= 0; joined--) {
        g_autoptr(Link) port = NULL;
        struct ifinfomsg *info =
            rtnl_message_init(&message, RTM_SETLINK, 0, sizeof(struct ifinfomsg));

        info->ifi_index = NETNS_PARENT;
        mnl_attr_put_u32(&message.header, IFLA_MASTER, joined ? bridge->ifindex : 0);
        rtnl_request(rtnl, &message.header, "port", &error);
        g_assert_no_error(error);
        port = link_get(rtnl, NETNS_PARENT, &error);
        g_assert_no_error(error);
        g_assert_cmpuint(port->controller, ==, joined ? bridge->ifindex : 0);
    }
    drain(context);
    g_assert_cmpuint(told.links, >, 0);
    g_assert_cmpuint(told.gone_links, ==, 0);
    g_assert_cmpuint(told.lost, ==, 0);
}

/* What nobody asked for is not told, and costs nothing. */
static void test_chosen(void)
{
    g_autoptr(Rtnl) rtnl = netns_world();
    g_autoptr(GMainContext) context = g_main_context_new();
    const MonitorCallbacks some = {.address = on_address, .lost = on_lost};
    g_autoptr(Monitor) monitor = NULL;
    IpAddress ip = netns_ip("192.0.2.7");
    Address address = address_binding(&ip, NETNS_PARENT, 100);
    Told told = {0};

    if (!rtnl)
        return;
    monitor = monitor_new(&some, &told, context, NULL);
    g_assert_true(link_set_group(rtnl, NETNS_PARENT, 3, NULL));
    g_assert_true(address_add(rtnl, &address, ADDRESS_NEW, NULL));
    await(context, &told.addresses, 1);
    g_assert_cmpuint(told.links + told.routes, ==, 0);
}

/* A storm while nobody listens: it is said that something was lost, and afterwards all is well. */
static void test_lost(void)
{
    g_autoptr(Rtnl) rtnl = netns_world();
    g_autoptr(GMainContext) context = g_main_context_new();
    g_autoptr(Monitor) monitor = NULL;
    IpAddress ip = netns_ip("192.0.2.7");
    Address address = address_binding(&ip, NETNS_PARENT, 100);
    Told told = {0};

    if (!rtnl)
        return;
    monitor = monitor_new(&everything, &told, context, NULL);
    for (guint i = 0; i < 4000; i++)
        g_assert_true(link_set_group(rtnl, NETNS_PARENT, i % 2, NULL));
    drain(context);
    g_assert_cmpuint(told.lost, >=, 1);
    g_assert_cmpuint(told.lost, <, 10);
    g_assert_cmpuint(told.links, >, 0);
    g_assert_true(address_add(rtnl, &address, ADDRESS_NEW, NULL));
    await(context, &told.addresses, 1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_data_func("/netlink/monitor/changes/ipv4", "192.0.2.7", test_changes);
    g_test_add_data_func("/netlink/monitor/changes/ipv6", "2001:db8::7", test_changes);
    g_test_add_func("/netlink/monitor/links", test_links);
    g_test_add_func("/netlink/monitor/bridge-port", test_bridge_port);
    g_test_add_func("/netlink/monitor/chosen", test_chosen);
    g_test_add_func("/netlink/monitor/lost", test_lost);
    return g_test_run();
}
