/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Addresses against the running kernel: as bindings are set on taps, and as a host has them.
 */
#include "netlink/address.h"
#include "netlink/link.h"
#include "netns.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

static const char *const texts[] = {"192.0.2.7", "2001:db8::7"};

/* The address of the link in the listing, or NULL. */
static const Address *find(const GArray *addresses, const IpAddress *ip)
{
    for (guint i = 0; i < addresses->len; i++) {
        const Address *address = &g_array_index(addresses, Address, i);

        if (ip_equal(&address->ip, ip))
            return address;
    }
    return NULL;
}

static void test_binding(gconstpointer data)
{
    g_autoptr(Rtnl) rtnl = netns_world();
    IpAddress ip = netns_ip(data);
    Address binding = address_binding(&ip, NETNS_PARENT, 120);
    const Address *found;
    GError *error = NULL;

    if (!rtnl)
        return;
    binding.protocol = 99;
    address_add(rtnl, &binding, ADDRESS_NEW, &error);
    g_assert_no_error(error);
    {
        g_autoptr(GArray) addresses = address_list(rtnl, NETNS_PARENT, &error);

        g_assert_no_error(error);
        found = find(addresses, &ip);
        g_assert_nonnull(found);
        g_assert_cmpuint(found->ifindex, ==, NETNS_PARENT);
        g_assert_cmpuint(found->prefix_length, ==, ip.family == AF_INET ? 32 : 128);
        g_assert_cmpuint(found->valid_s, >=, 115);
        g_assert_cmpuint(found->valid_s, <=, 120);
        g_assert_cmpuint(found->preferred_s, ==, found->valid_s);
        g_assert_cmpuint(found->flags & IFA_F_TENTATIVE, ==, 0);
        g_assert_true(found->protocol == 99 || found->protocol == 0);
    }

    netns_assert_failed(address_add(rtnl, &binding, ADDRESS_NEW, &error), &error, EEXIST,
                        "cannot set address ");
    binding.valid_s = ADDRESS_FOREVER;
    binding.preferred_s = 0;
    address_add(rtnl, &binding, ADDRESS_REPLACE, &error);
    g_assert_no_error(error);
    {
        g_autoptr(GArray) addresses = address_list(rtnl, NETNS_PARENT, &error);

        found = find(addresses, &ip);
        g_assert_nonnull(found);
        g_assert_cmpuint(found->valid_s, ==, ADDRESS_FOREVER);
        g_assert_cmpuint(found->preferred_s, ==, 0);
    }

    address_delete(rtnl, &binding, &error);
    g_assert_no_error(error);
    netns_assert_failed(address_delete(rtnl, &binding, &error), &error, EADDRNOTAVAIL, data);
    binding.ifindex = 4711;
    netns_assert_failed(address_add(rtnl, &binding, ADDRESS_NEW, &error), &error, ENODEV,
                        "of link 4711: No such device");
}

/* Replacing what is not there sets it. */
static void test_replace_new(gconstpointer data)
{
    g_autoptr(Rtnl) rtnl = netns_world();
    IpAddress ip = netns_ip(data);
    Address binding = address_binding(&ip, NETNS_PARENT, 60);
    g_autoptr(GArray) addresses = NULL;
    g_autoptr(GError) error = NULL;

    if (!rtnl)
        return;
    address_add(rtnl, &binding, ADDRESS_REPLACE, &error);
    g_assert_no_error(error);
    addresses = address_list(rtnl, 0, &error);
    g_assert_nonnull(find(addresses, &ip));
}

/* The kernel ends a binding. */
static void test_expiry(gconstpointer data)
{
    g_autoptr(Rtnl) rtnl = netns_world();
    IpAddress ip = netns_ip(data);
    Address binding = address_binding(&ip, NETNS_PARENT, 1);
    gint64 deadline = g_get_monotonic_time() + 10 * G_USEC_PER_SEC;
    g_autoptr(GError) error = NULL;

    if (!rtnl)
        return;
    address_add(rtnl, &binding, ADDRESS_NEW, &error);
    g_assert_no_error(error);
    for (;;) {
        g_autoptr(GArray) addresses = address_list(rtnl, NETNS_PARENT, &error);

        g_assert_no_error(error);
        if (!find(addresses, &ip))
            break;
        g_assert_cmpint(g_get_monotonic_time(), <, deadline);
        g_usleep(50000);
    }
}

/* A listing of one link has nothing of others, and one of all has both. */
static void test_list(void)
{
    g_autoptr(Rtnl) rtnl = netns_world();
    g_autoptr(Link) other = NULL;
    g_autoptr(GArray) all = NULL, some = NULL;
    g_autoptr(GError) error = NULL;

    if (!rtnl)
        return;
    other = link_get_by_name(rtnl, "router0", &error);
    g_assert_no_error(error);
    for (guint i = 0; i < 300; i++) {
        g_autofree char *text =
            g_strdup_printf(i % 2 ? "10.0.%u.%u" : "fd00::%u:%u", i / 250, i % 250);
        IpAddress ip = netns_ip(text);
        Address binding = address_binding(&ip, i % 3 ? NETNS_PARENT : other->ifindex, 600);

        address_add(rtnl, &binding, ADDRESS_NEW, &error);
        g_assert_no_error(error);
    }
    all = address_list(rtnl, 0, &error);
    g_assert_no_error(error);
    some = address_list(rtnl, other->ifindex, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(all->len, >=, 300); /* and link-local ones */
    g_assert_cmpuint(some->len, >=, 100);
    g_assert_cmpuint(some->len, <, 110);
    for (guint i = 0; i < some->len; i++)
        g_assert_cmpuint(g_array_index(some, Address, i).ifindex, ==, other->ifindex);
}

/* A sibling's address is not the same error as one's own. */
static void test_sibling(void)
{
    g_autoptr(Rtnl) rtnl = netns_world();
    GError *error = NULL;

    if (!rtnl || !netns_kind_usable(rtnl, "ipvtap", NETNS_PARENT))
        return;
    for (guint i = 0; i < 2; i++) {
        LinkSpec spec = {.type = DEVICE_IPVTAP,
                         .name = i ? "b" : "a",
                         .ifindex = 1000 + i,
                         .parent = NETNS_PARENT,
                         .netns = -1};

        link_create(rtnl, &spec, &error);
        g_assert_no_error(error);
        g_assert_true(link_settle(rtnl, 1000 + i, "v=1", NULL));
    }
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        IpAddress ip = netns_ip(texts[i]);
        Address first = address_binding(&ip, 1000, 600), second = first;

        second.ifindex = 1001;
        address_add(rtnl, &first, ADDRESS_NEW, &error);
        g_assert_no_error(error);
        netns_assert_failed(address_add(rtnl, &first, ADDRESS_NEW, &error), &error, EEXIST, NULL);
        netns_assert_failed(address_add(rtnl, &second, ADDRESS_NEW, &error), &error, EADDRINUSE,
                            "Address already assigned to an ipvlan device");
        g_assert_true(address_delete(rtnl, &first, NULL));
        address_add(rtnl, &second, ADDRESS_NEW, &error);
        g_assert_no_error(error);
    }
}

/* On a point-to-point link the address is the near end's, in whatever order the two come. */
static void test_parse(void)
{
    IpAddress near = netns_ip("192.0.2.1"), far = netns_ip("192.0.2.2");
    RtnlMessage message;
    struct ifaddrmsg *header;
    Address address;

    for (int swapped = 0; swapped < 2; swapped++) {
        header = rtnl_message_init(&message, RTM_NEWADDR, 0, sizeof *header);
        header->ifa_family = AF_INET;
        ip_put(&message.header, swapped ? IFA_ADDRESS : IFA_LOCAL, swapped ? &far : &near);
        ip_put(&message.header, swapped ? IFA_LOCAL : IFA_ADDRESS, swapped ? &near : &far);
        g_assert_true(address_parse(&message.header, &address));
        g_assert_true(ip_equal(&address.ip, &near));
        g_assert_cmpuint(address.valid_s, ==, ADDRESS_FOREVER);
    }

    header = rtnl_message_init(&message, RTM_NEWADDR, 0, sizeof *header);
    header->ifa_family = AF_INET;
    g_assert_false(address_parse(&message.header, &address)); /* no address in it */
    g_assert_cmpint(errno, ==, EBADMSG);
    mnl_attr_put(&message.header, IFA_LOCAL, 5, "12345");
    g_assert_false(address_parse(&message.header, &address));
    g_assert_cmpint(errno, ==, EBADMSG);

    header = rtnl_message_init(&message, RTM_NEWADDR, 0, sizeof *header);
    header->ifa_family = AF_INET;
    ip_put(&message.header, IFA_LOCAL, &near);
    mnl_attr_put(&message.header, IFA_CACHEINFO, 4, "1234");
    g_assert_false(address_parse(&message.header, &address));

    header = rtnl_message_init(&message, RTM_NEWADDR, 0, sizeof *header);
    header->ifa_family = AF_PACKET;
    g_assert_false(address_parse(&message.header, &address));
    g_assert_cmpint(errno, ==, ENOMSG);

    rtnl_message_init(&message, RTM_NEWADDR, 0, 4); /* shorter than its structure */
    g_assert_false(address_parse(&message.header, &address));
    g_assert_cmpint(errno, ==, EBADMSG);
}

static void test_text(void)
{
    static const struct {
        const char *text;
        const char *canonical; /* NULL: no address */
    } cases[] = {
        {"192.0.2.1", "192.0.2.1"},
        {"2001:DB8:0:0::1", "2001:db8::1"},
        {"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
        {"", NULL},
        {"192.0.2", NULL},
        {"192.0.2.256", NULL},
        {"0192.0.2.1", NULL},
        {"192.0.2.1/32", NULL},
        {" 192.0.2.1", NULL},
        {"fe80::1%lo", NULL},
        {"1:2:3:4:5:6:7:8:9", NULL},
        {"host", NULL},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char text[INET6_ADDRSTRLEN];
        IpAddress ip;

        g_assert_cmpint(ip_parse(cases[i].text, &ip), ==, cases[i].canonical != NULL);
        if (cases[i].canonical) {
            ip_format(&ip, text);
            g_assert_cmpstr(text, ==, cases[i].canonical);
        }
    }
    {
        char text[INET6_ADDRSTRLEN];

        ip_format(&(IpAddress){0}, text);
        g_assert_cmpstr(text, ==, "none");
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        static const struct {
            const char *name;
            GTestDataFunc function;
        } tests[] = {
            {"binding", test_binding}, {"replace-new", test_replace_new}, {"expiry", test_expiry}};

        for (size_t k = 0; k < G_N_ELEMENTS(tests); k++) {
            g_autofree char *path =
                g_strdup_printf("/netlink/address/%s/%s", tests[k].name, i ? "ipv6" : "ipv4");

            g_test_add_data_func(path, texts[i], tests[k].function);
        }
    }
    g_test_add_func("/netlink/address/list", test_list);
    g_test_add_func("/netlink/address/sibling", test_sibling);
    g_test_add_func("/netlink/address/parse", test_parse);
    g_test_add_func("/netlink/ip/text", test_text);
    return g_test_run();
}
