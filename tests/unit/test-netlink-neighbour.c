/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Neighbour entries against the running kernel, read back in its own words.
 */
#include "netlink/link.h"
#include "netlink/neighbour.h"
#include "netns.h"

#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>

static const guint8 guest_mac[HWADDR_SIZE] = {0x52, 0x54, 0, 0x12, 0x34, 0x56};
static const guint8 other_mac[HWADDR_SIZE] = {0x52, 0x54, 0, 0x12, 0x34, 0x57};

/* An entry looked for, by its address (of either layer), and what it turned out to be. */
typedef struct {
    guint16 attribute;
    const void *bytes;
    size_t size;
    bool found;
    guint16 state;
    guint8 flags;
    guint8 hwaddr[HWADDR_SIZE];
} Search;

typedef struct {
    Search *search;
    bool match;
    guint8 hwaddr[HWADDR_SIZE];
} Entry;

static int entry_attribute(const struct nlattr *attribute, void *data)
{
    Entry *entry = data;
    const Search *search = entry->search;

    if (mnl_attr_get_type(attribute) == search->attribute &&
        mnl_attr_get_payload_len(attribute) == search->size &&
        memcmp(mnl_attr_get_payload(attribute), search->bytes, search->size) == 0)
        entry->match = true;
    if (mnl_attr_get_type(attribute) == NDA_LLADDR &&
        mnl_attr_get_payload_len(attribute) == HWADDR_SIZE)
        memcpy(entry->hwaddr, mnl_attr_get_payload(attribute), HWADDR_SIZE);
    return MNL_CB_OK;
}

static int take_entry(const struct nlmsghdr *message, void *data)
{
    const struct ndmsg *header = mnl_nlmsg_get_payload(message);
    Entry entry = {.search = data};

    mnl_attr_parse(message, sizeof *header, entry_attribute, &entry);
    if (entry.match && header->ndm_ifindex == NETNS_PARENT) {
        entry.search->found = true;
        entry.search->state = header->ndm_state;
        entry.search->flags = header->ndm_flags;
        memcpy(entry.search->hwaddr, entry.hwaddr, HWADDR_SIZE);
    }
    return MNL_CB_OK;
}

static Search look(Rtnl *rtnl, guint8 family, guint8 flags, guint16 attribute, const void *bytes,
                   size_t size)
{
    Search search = {.attribute = attribute, .bytes = bytes, .size = size};
    g_autoptr(GError) error = NULL;
    RtnlMessage message;
    struct ndmsg *header = rtnl_message_init(&message, RTM_GETNEIGH, 0, sizeof *header);

    header->ndm_family = family;
    header->ndm_flags = flags;
    rtnl_dump(rtnl, &message.header, take_entry, NULL, &search, "neighbours", &error);
    g_assert_no_error(error);
    return search;
}

static void test_permanent(gconstpointer data)
{
    g_autoptr(Rtnl) rtnl = netns_world();
    IpAddress ip = netns_ip(data);
    GError *error = NULL;
    Search search;

    if (!rtnl)
        return;
    neighbour_add(rtnl, NETNS_PARENT, &ip, guest_mac, &error);
    g_assert_no_error(error);
    search = look(rtnl, ip.family, 0, NDA_DST, ip.bytes, ip_size(ip.family));
    g_assert_true(search.found);
    g_assert_cmpuint(search.state, ==, NUD_PERMANENT);
    g_assert_cmpmem(search.hwaddr, HWADDR_SIZE, guest_mac, HWADDR_SIZE);

    neighbour_add(rtnl, NETNS_PARENT, &ip, other_mac, &error);
    g_assert_no_error(error);
    search = look(rtnl, ip.family, 0, NDA_DST, ip.bytes, ip_size(ip.family));
    g_assert_cmpmem(search.hwaddr, HWADDR_SIZE, other_mac, HWADDR_SIZE);

    neighbour_delete(rtnl, NETNS_PARENT, &ip, &error);
    g_assert_no_error(error);
    netns_assert_failed(neighbour_delete(rtnl, NETNS_PARENT, &ip, &error), &error, ENOENT, data);
    netns_assert_failed(neighbour_add(rtnl, 4711, &ip, guest_mac, &error), &error, ENODEV, NULL);
}

static const Neighbour *find(const GArray *neighbours, const IpAddress *ip)
{
    for (guint i = 0; i < neighbours->len; i++)
        if (ip_equal(&g_array_index(neighbours, Neighbour, i).ip, ip))
            return &g_array_index(neighbours, Neighbour, i);
    return NULL;
}

/* Both families, and what somebody else has set. */
static void test_list(void)
{
    g_autoptr(Rtnl) rtnl = netns_world();
    const IpAddress ours = netns_ip("192.0.2.7"), six = netns_ip("2001:db8::7");
    const IpAddress proxied = netns_ip("192.0.2.8"), asked = netns_ip("192.0.2.9");
    const Neighbour *found;
    GError *error = NULL;

    if (!rtnl)
        return;
    neighbour_add(rtnl, NETNS_PARENT, &ours, guest_mac, &error);
    g_assert_no_error(error);
    neighbour_add(rtnl, NETNS_PARENT, &six, other_mac, &error);
    g_assert_no_error(error);
    neighbour_add_proxy(rtnl, NETNS_PARENT, &proxied, &error);
    g_assert_no_error(error);
    netns_assert_failed(neighbour_verify(rtnl, NETNS_PARENT, &asked, &error), &error, ENOENT,
                        "cannot verify neighbour 192.0.2.9 of link 77");

    g_autoptr(GArray) neighbours = neighbour_list(rtnl, NETNS_PARENT, &error);
    g_assert_no_error(error);
    found = find(neighbours, &ours);
    g_assert_nonnull(found);
    g_assert_true(found->known);
    g_assert_cmpuint(found->ifindex, ==, NETNS_PARENT);
    g_assert_cmpuint(found->state, ==, NUD_PERMANENT);
    g_assert_cmpuint(found->protocol, ==, NEIGHBOUR_PROTOCOL);
    g_assert_cmpmem(found->hwaddr, HWADDR_SIZE, guest_mac, HWADDR_SIZE);
    found = find(neighbours, &six);
    g_assert_nonnull(found);
    g_assert_cmpmem(found->hwaddr, HWADDR_SIZE, other_mac, HWADDR_SIZE);
    g_assert_null(find(neighbours, &proxied));

    g_autoptr(GArray) none = neighbour_list(rtnl, 1, &error); /* the loopback */
    g_assert_no_error(error);
    g_assert_null(find(none, &ours));
}

static void test_parse(void)
{
    const IpAddress ip = netns_ip("192.0.2.7");
    RtnlMessage message;
    struct ndmsg *header = rtnl_message_init(&message, RTM_NEWNEIGH, 0, sizeof *header);
    Neighbour neighbour;

    header->ndm_family = AF_INET;
    header->ndm_ifindex = 3;
    header->ndm_state = NUD_STALE;
    ip_put(&message.header, NDA_DST, &ip);
    mnl_attr_put(&message.header, NDA_LLADDR, HWADDR_SIZE, guest_mac);
    g_assert_true(neighbour_parse(&message.header, &neighbour));
    g_assert_true(ip_equal(&neighbour.ip, &ip));
    g_assert_true(neighbour.known);
    g_assert_cmpuint(neighbour.protocol, ==, 0);

    header->ndm_state = NUD_FAILED; /* with the MAC that it had */
    g_assert_true(neighbour_parse(&message.header, &neighbour));
    g_assert_false(neighbour.known);
    header->ndm_flags = NTF_PROXY;
    g_assert_false(neighbour_parse(&message.header, &neighbour));
    g_assert_cmpint(errno, ==, ENOMSG);
    header->ndm_flags = 0;
    header->ndm_family = AF_INET6; /* of which four bytes are no address */
    g_assert_false(neighbour_parse(&message.header, &neighbour));
    g_assert_cmpint(errno, ==, EBADMSG);
    message.header.nlmsg_len = NLMSG_HDRLEN + sizeof *header - 1;
    g_assert_false(neighbour_parse(&message.header, &neighbour));
    g_assert_cmpint(errno, ==, EBADMSG);
}

static void test_proxy(gconstpointer data)
{
    g_autoptr(Rtnl) rtnl = netns_world();
    IpAddress ip = netns_ip(data);
    GError *error = NULL;

    if (!rtnl)
        return;
    neighbour_add_proxy(rtnl, NETNS_PARENT, &ip, &error);
    g_assert_no_error(error);
    neighbour_add_proxy(rtnl, NETNS_PARENT, &ip, &error); /* it may be there */
    g_assert_no_error(error);
    g_assert_true(look(rtnl, ip.family, NTF_PROXY, NDA_DST, ip.bytes, ip_size(ip.family)).found);
    neighbour_delete_proxy(rtnl, NETNS_PARENT, &ip, &error);
    g_assert_no_error(error);
    g_assert_false(look(rtnl, ip.family, NTF_PROXY, NDA_DST, ip.bytes, ip_size(ip.family)).found);
    netns_assert_failed(neighbour_delete_proxy(rtnl, NETNS_PARENT, &ip, &error), &error, ENOENT,
                        "cannot delete proxy ");
}

static void test_filter(void)
{
    g_autoptr(Rtnl) rtnl = netns_world();
    GError *error = NULL;

    if (!rtnl)
        return;
    neighbour_add_filter(rtnl, NETNS_PARENT, guest_mac, &error);
    g_assert_no_error(error);
    g_assert_true(look(rtnl, AF_BRIDGE, 0, NDA_LLADDR, guest_mac, HWADDR_SIZE).found);
    netns_assert_failed(neighbour_add_filter(rtnl, NETNS_PARENT, guest_mac, &error), &error, EEXIST,
                        "cannot add 52:54:00:12:34:56 to the unicast filter of link 77");
    neighbour_delete_filter(rtnl, NETNS_PARENT, guest_mac, &error);
    g_assert_no_error(error);
    g_assert_false(look(rtnl, AF_BRIDGE, 0, NDA_LLADDR, guest_mac, HWADDR_SIZE).found);
    netns_assert_failed(neighbour_delete_filter(rtnl, NETNS_PARENT, guest_mac, &error), &error,
                        ENOENT, "from the unicast filter of link 77");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_data_func("/netlink/neighbour/permanent/ipv4", "192.0.2.7", test_permanent);
    g_test_add_data_func("/netlink/neighbour/permanent/ipv6", "2001:db8::7", test_permanent);
    g_test_add_func("/netlink/neighbour/list", test_list);
    g_test_add_func("/netlink/neighbour/parse", test_parse);
    g_test_add_data_func("/netlink/neighbour/proxy/ipv4", "192.0.2.7", test_proxy);
    g_test_add_data_func("/netlink/neighbour/proxy/ipv6", "2001:db8::7", test_proxy);
    g_test_add_func("/netlink/neighbour/filter", test_filter);
    return g_test_run();
}
