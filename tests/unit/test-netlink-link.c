/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Links against the running kernel: a parent in one netns, its children in another, as in the tap
 * room. What all kinds have in common is tried with macvtap, which most kernels have.
 */
#include "netlink/link.h"
#include "netlink/address.h"
#include "netns.h"

#include <errno.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <unistd.h>

static const DeviceType types[] = {DEVICE_IPVTAP, DEVICE_MACVTAP, DEVICE_IPVLAN, DEVICE_MACVLAN};

static void test_create(gconstpointer data)
{
    DeviceType type = *(const DeviceType *)data;
    NetnsWorld world;

    if (netns_world_init(&world, type)) {
        LinkSpec spec = netns_child(&world, type);
        g_autoptr(GError) error = NULL;
        g_autoptr(Link) child = NULL;

        link_create(world.host, &spec, &error);
        g_assert_no_error(error);
        child = link_get(world.inside, NETNS_CHILD, &error);
        g_assert_no_error(error);
        g_assert_cmpuint(child->ifindex, ==, NETNS_CHILD);
        g_assert_cmpstr(child->name, ==, "ontap1000003");
        g_assert_cmpstr(child->kind, ==, device_type_text(type));
        g_assert_cmpuint(child->parent, ==, NETNS_PARENT);
        g_assert_cmpuint(child->flags & (IFF_UP | IFF_ALLMULTI), ==, IFF_UP | IFF_ALLMULTI);
        g_assert_cmpuint(child->arphrd, ==, ARPHRD_ETHER);
        g_assert_cmpuint(child->mtu, ==, 1500);
        g_assert_cmpuint(child->hwaddr_size, ==, HWADDR_SIZE);
        g_assert_true(child->carrier);
        g_assert_null(child->alias);
        g_assert_null(link_get(world.host, NETNS_CHILD, NULL));

        link_delete(world.inside, NETNS_CHILD, &error);
        g_assert_no_error(error);
        netns_assert_failed(link_delete(world.inside, NETNS_CHILD, &error), &error, ENODEV, NULL);
    }
    netns_world_deinit(&world);
}

/* One that is to be set up by whoever lives there. */
static void test_create_down(void)
{
    NetnsWorld world;

    if (netns_world_init(&world, DEVICE_MACVLAN)) {
        LinkSpec spec = netns_child(&world, DEVICE_MACVLAN);
        g_autoptr(GError) error = NULL;
        g_autoptr(Link) child = NULL;

        spec.down = true;
        link_create(world.host, &spec, &error);
        g_assert_no_error(error);
        child = link_get(world.inside, NETNS_CHILD, &error);
        g_assert_no_error(error);
        g_assert_cmpuint(child->flags & (IFF_UP | IFF_ALLMULTI), ==, 0);
    }
    netns_world_deinit(&world);
}

static void test_create_refused(void)
{
    NetnsWorld world;

    if (netns_world_init(&world, DEVICE_MACVTAP)) {
        LinkSpec spec = netns_child(&world, DEVICE_MACVTAP);
        GError *error = NULL;

        g_assert_true(link_create(world.host, &spec, NULL));
        netns_assert_failed(link_create(world.host, &spec, &error), &error, EEXIST,
                            "cannot create ontap1000003: File exists");
        spec.name = "other";
        g_assert_false(link_create(world.host, &spec, &error));
        g_assert_true(g_error_matches(error, RTNL_ERROR, EEXIST) ||
                      g_error_matches(error, RTNL_ERROR, EBUSY)); /* Linux up to 6.1 at least */
        g_clear_error(&error);
        spec.name = "ontap1000003";
        spec.ifindex++;
        netns_assert_failed(link_create(world.host, &spec, &error), &error, EEXIST, NULL);
        spec.name = "other";
        spec.parent = 4711;
        netns_assert_failed(link_create(world.host, &spec, &error), &error, ENODEV,
                            "cannot create other: No such device");
        spec.parent = NETNS_PARENT;
        spec.hwaddr = (const guint8[]){1, 2, 3, 4, 5, 6}; /* a multicast address */
        netns_assert_failed(link_create(world.host, &spec, &error), &error, EADDRNOTAVAIL, NULL);
        spec.hwaddr = NULL;
        spec.netns = STDERR_FILENO; /* no netns */
        netns_assert_failed(link_create(world.host, &spec, &error), &error, EINVAL, NULL);
    }
    netns_world_deinit(&world);
}

static void test_create_hwaddr(void)
{
    static const guint8 hwaddr[HWADDR_SIZE] = {2, 0, 0x5e, 0x10, 0, 1};
    NetnsWorld world;

    if (netns_world_init(&world, DEVICE_MACVTAP)) {
        LinkSpec spec = netns_child(&world, DEVICE_MACVTAP);
        g_autoptr(GError) error = NULL;
        g_autoptr(Link) child = NULL;

        spec.hwaddr = hwaddr;
        spec.mode = LINK_MODE_PRIVATE;
        link_create(world.host, &spec, &error);
        g_assert_no_error(error);
        child = link_get_by_name(world.inside, "ontap1000003", &error);
        g_assert_no_error(error);
        g_assert_cmpmem(child->hwaddr, child->hwaddr_size, hwaddr, sizeof hwaddr);
    }
    netns_world_deinit(&world);
}

/* What a link's IFLA_INFO_DATA says of its mode. */
typedef struct {
    guint32 macvlan;
    guint16 ipvlan;
    guint16 ipvlan_flags;
} Mode;

static int find_macvlan_mode(const struct nlattr *attribute, void *data)
{
    if (mnl_attr_get_type(attribute) == IFLA_MACVLAN_MODE)
        ((Mode *)data)->macvlan = mnl_attr_get_u32(attribute);
    return MNL_CB_OK;
}

static int find_ipvlan_mode(const struct nlattr *attribute, void *data)
{
    if (mnl_attr_get_type(attribute) == IFLA_IPVLAN_MODE)
        ((Mode *)data)->ipvlan = mnl_attr_get_u16(attribute);
    if (mnl_attr_get_type(attribute) == IFLA_IPVLAN_FLAGS)
        ((Mode *)data)->ipvlan_flags = mnl_attr_get_u16(attribute);
    return MNL_CB_OK;
}

static int find_data(const struct nlattr *attribute, void *data)
{
    static mnl_attr_cb_t find = NULL; /* the kind comes first */

    if (mnl_attr_get_type(attribute) == IFLA_INFO_KIND)
        find = g_str_has_prefix(mnl_attr_get_str(attribute), "ipv") ? find_ipvlan_mode
                                                                    : find_macvlan_mode;
    if (mnl_attr_get_type(attribute) == IFLA_INFO_DATA)
        return mnl_attr_parse_nested(attribute, find, data);
    return MNL_CB_OK;
}

static int find_linkinfo(const struct nlattr *attribute, void *data)
{
    if (mnl_attr_get_type(attribute) == IFLA_LINKINFO)
        return mnl_attr_parse_nested(attribute, find_data, data);
    return MNL_CB_OK;
}

static int read_mode(const struct nlmsghdr *message, void *data)
{
    return mnl_attr_parse(message, sizeof(struct ifinfomsg), find_linkinfo, data);
}

static void test_create_mode(gconstpointer data)
{
    static const Mode absent = {.macvlan = 4711, .ipvlan = 4711, .ipvlan_flags = 4711};
    static const struct {
        LinkMode mode;
        guint32 macvlan;
        guint16 ipvlan_flags;
    } cases[] = {
        {LINK_MODE_BRIDGE, MACVLAN_MODE_BRIDGE, 0},
        {LINK_MODE_PRIVATE, MACVLAN_MODE_PRIVATE, IPVLAN_F_PRIVATE},
    };
    DeviceType type = *(const DeviceType *)data;
    NetnsWorld world;

    if (netns_world_init(&world, type)) {
        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
            LinkSpec spec = netns_child(&world, type);
            g_autoptr(GError) error = NULL;
            RtnlMessage message;
            struct ifinfomsg *info;
            Mode mode = absent;

            spec.mode = cases[i].mode;
            link_create(world.host, &spec, &error);
            g_assert_no_error(error);
            info = rtnl_message_init(&message, RTM_GETLINK, 0, sizeof *info);
            info->ifi_index = NETNS_CHILD;
            rtnl_query(world.inside, &message.header, read_mode, &mode, "no mode", &error);
            g_assert_no_error(error);
            if (type & (DEVICE_IPVTAP | DEVICE_IPVLAN)) {
                g_assert_cmpuint(mode.ipvlan, ==, IPVLAN_MODE_L2);
                g_assert_cmpuint(mode.ipvlan_flags, ==, cases[i].ipvlan_flags);
            } else {
                g_assert_cmpuint(mode.macvlan, ==, cases[i].macvlan);
            }
            g_assert_true(link_delete(world.inside, NETNS_CHILD, NULL));
        }
    }
    netns_world_deinit(&world);
}

static void test_settle(void)
{
    NetnsWorld world;

    if (netns_world_init(&world, DEVICE_MACVTAP)) {
        LinkSpec spec = netns_child(&world, DEVICE_MACVTAP);
        g_autofree char *longest = g_strnfill(LINK_ALIAS_MAX, 'x');
        g_autofree char *too_long = g_strnfill(LINK_ALIAS_MAX + 1, 'x');
        g_autoptr(Link) link = NULL, unchanged = NULL;
        GError *error = NULL;

        g_assert_true(link_create(world.host, &spec, NULL));
        link_settle(world.inside, NETNS_CHILD, longest, &error);
        g_assert_no_error(error);
        link = link_get(world.inside, NETNS_CHILD, &error);
        g_assert_no_error(error);
        g_assert_cmpstr(link->alias, ==, longest);
        g_assert_cmpuint(link->flags & (IFF_NOARP | IFF_UP), ==, IFF_NOARP | IFF_UP);

        netns_assert_failed(link_settle(world.inside, NETNS_CHILD, too_long, &error), &error,
                            EMSGSIZE, "256 bytes, and 255 fit");
        netns_assert_failed(link_settle(world.host, NETNS_CHILD, "v=1", &error), &error, ENODEV,
                            "cannot set the alias of link 1000003: No such device");
        unchanged = link_get(world.inside, NETNS_CHILD, &error);
        g_assert_cmpstr(unchanged->alias, ==, longest);
    }
    netns_world_deinit(&world);
}

static guint count_addresses(Rtnl *rtnl, guint32 ifindex)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) addresses = address_list(rtnl, ifindex, &error);

    g_assert_no_error(error);
    return addresses->len;
}

/* One that is made down and secluded gets no address of its own when it comes up; another does. */
static void test_seclude(void)
{
    NetnsWorld world;

    if (netns_world_init(&world, DEVICE_MACVTAP)) {
        LinkSpec spec = netns_child(&world, DEVICE_MACVTAP), plain = spec;
        g_autoptr(Link) link = NULL;
        GError *error = NULL;

        plain.ifindex++;
        plain.name = "plain";
        spec.down = plain.down = true;
        g_assert_true(link_create(world.host, &spec, NULL));
        g_assert_true(link_create(world.host, &plain, NULL));
        link = link_get(world.inside, spec.ifindex, &error);
        g_assert_cmpuint(link->flags & IFF_UP, ==, 0);
        link_seclude(world.inside, spec.ifindex, &error);
        g_assert_no_error(error);
        for (guint32 ifindex = spec.ifindex; ifindex <= plain.ifindex; ifindex++) {
            link_set_up(world.inside, ifindex, &error);
            g_assert_no_error(error);
        }
        link_free(g_steal_pointer(&link));
        link = link_get(world.inside, spec.ifindex, &error);
        g_assert_cmpuint(link->flags & (IFF_ALLMULTI | IFF_UP), ==, IFF_ALLMULTI | IFF_UP);
        g_assert_cmpuint(count_addresses(world.inside, spec.ifindex), ==, 0);
        if (g_file_test("/proc/net/if_inet6", G_FILE_TEST_EXISTS))
            g_assert_cmpuint(count_addresses(world.inside, plain.ifindex), ==, 1);
    }
    netns_world_deinit(&world);
}

static void test_lookup(void)
{
    NetnsWorld world;

    if (netns_world_init(&world, DEVICE_MACVTAP)) {
        g_autofree char *endless = g_strnfill(200, 'x');
        g_autoptr(GPtrArray) links = NULL;
        g_autoptr(Link) by_name = NULL;
        GError *error = NULL;
        bool found = false;

        by_name = link_get_by_name(world.host, "up0", &error);
        g_assert_no_error(error);
        g_assert_cmpuint(by_name->ifindex, ==, NETNS_PARENT);
        g_assert_cmpstr(by_name->kind, ==, "veth");

        links = link_list(world.host, &error);
        g_assert_no_error(error);
        g_assert_cmpuint(links->len, >=, 3); /* lo, up0, router0 */
        for (guint i = 0; i < links->len; i++) {
            const Link *link = g_ptr_array_index(links, i);

            found = found || (link->ifindex == NETNS_PARENT && strcmp(link->name, "up0") == 0);
            if (strcmp(link->name, "lo") == 0) {
                g_assert_cmpstr(link->kind, ==, "");
                g_assert_cmpuint(link->hwaddr_size, ==, 0);
                g_assert_cmpuint(link->arphrd, ==, ARPHRD_LOOPBACK);
            }
        }
        g_assert_true(found);

        netns_assert_failed(link_get(world.host, 4711, &error) != NULL, &error, ENODEV,
                            "cannot look up link 4711: No such device");
        netns_assert_failed(link_get(world.host, 0, &error) != NULL, &error, EINVAL, NULL);
        for (size_t i = 0; i < 4; i++) {
            const char *names[] = {"up1", "", "longer-than-a-name-of-a-link", endless};

            netns_assert_failed(link_get_by_name(world.host, names[i], &error) != NULL, &error,
                                ENODEV, "cannot look up link ");
        }
    }
    netns_world_deinit(&world);
}

/* A dump of many parts: names, aliases and all arrive once each. */
static void test_list_long(void)
{
    NetnsWorld world;

    if (netns_world_init(&world, DEVICE_MACVTAP)) {
        g_autoptr(GPtrArray) links = NULL, rest = NULL;
        g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
        g_autofree char *alias = g_strnfill(LINK_ALIAS_MAX, 'x');
        g_autoptr(GError) error = NULL;
        const guint n = 200;
        guint32 creations[200], settings[200], groupings[200];

        for (guint i = 0; i < n; i++) {
            LinkSpec spec = netns_child(&world, DEVICE_MACVTAP);
            g_autofree char *name = g_strdup_printf("t%u", i);

            spec.ifindex += i;
            spec.name = name;
            link_create_send(world.host, &spec, &creations[i], &error);
            g_assert_no_error(error);
            link_settle_send(world.inside, spec.ifindex, alias, &settings[i], &error);
            g_assert_no_error(error);
            link_set_group_send(world.inside, spec.ifindex, 9, &groupings[i], &error);
            g_assert_no_error(error);
            if (i % 50 == 49) {
                for (guint k = i - 49; k <= i; k++) {
                    rtnl_collect(world.host, creations[k], "creation", &error);
                    g_assert_no_error(error);
                    rtnl_collect(world.inside, settings[k], "alias", &error);
                    g_assert_no_error(error);
                    rtnl_collect(world.inside, groupings[k], "group", &error);
                    g_assert_no_error(error);
                }
            }
        }
        links = link_list(world.inside, &error);
        g_assert_no_error(error);
        g_assert_cmpuint(links->len, ==, n + 1);
        for (guint i = 0; i < links->len; i++) {
            const Link *link = g_ptr_array_index(links, i);

            g_assert_true(g_hash_table_add(seen, GUINT_TO_POINTER(link->ifindex)));
            if (strcmp(link->name, "lo") != 0) {
                g_assert_cmpstr(link->alias, ==, alias);
                g_assert_cmpuint(link->group, ==, 9);
            }
        }
        link_delete_group(world.inside, 9, &error);
        g_assert_no_error(error);
        rest = link_list(world.inside, &error);
        g_assert_cmpuint(rest->len, ==, 1);
        netns_assert_failed(link_delete_group(world.inside, 9, &error), &error, ENODEV,
                            "cannot delete the links of group 9: No such device");
    }
    netns_world_deinit(&world);
}

static void make_children(NetnsWorld *world, guint n)
{
    for (guint i = 0; i < n; i++) {
        LinkSpec spec = netns_child(world, DEVICE_MACVTAP);
        g_autofree char *name = g_strdup_printf("t%u", i);
        g_autoptr(GError) error = NULL;

        spec.ifindex += i;
        spec.name = name;
        link_create(world->host, &spec, &error);
        g_assert_no_error(error);
    }
}

static guint count_links(NetnsWorld *world)
{
    g_autoptr(GPtrArray) links = link_list(world->inside, NULL);

    return links->len;
}

/* A batch takes what is in it and nothing else, whatever has happened to its members. */
static void test_delete_batch(void)
{
    static const struct {
        guint n;
        gboolean one_is_missing, one_is_stubborn;
    } cases[] = {
        {1, FALSE, FALSE},
        {1, TRUE, FALSE},
        {2, FALSE, FALSE},
        {LINK_BATCH_MAX, FALSE, FALSE},
        {LINK_BATCH_MAX, TRUE, FALSE},
        {LINK_BATCH_MAX, FALSE, TRUE},
        {LINK_BATCH_MAX, TRUE, TRUE},
    };
    const guint32 loopback = 1; /* which nobody can delete */

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        NetnsWorld world;
        guint32 ifindexes[LINK_BATCH_MAX];
        guint n = cases[i].n;
        g_autoptr(GError) error = NULL;

        if (!netns_world_init(&world, DEVICE_MACVTAP)) {
            netns_world_deinit(&world);
            return;
        }
        g_test_message("%u links, %d missing, %d stubborn", n, cases[i].one_is_missing,
                       cases[i].one_is_stubborn);
        make_children(&world, n + 1); /* the last one is not to be touched */
        for (guint k = 0; k < n; k++)
            ifindexes[k] = NETNS_CHILD + k;
        if (cases[i].one_is_missing)
            g_assert_true(link_delete(world.inside, ifindexes[0], NULL));
        if (cases[i].one_is_stubborn) {
            g_assert_true(link_delete(world.inside, ifindexes[n - 1], NULL));
            ifindexes[n - 1] = loopback;
        }
        guint left = link_delete_batch(world.inside, ifindexes, n, 9, &error);
        g_assert_cmpuint(left, ==, cases[i].one_is_stubborn);
        if (left > 0) {
            g_assert_cmpuint(ifindexes[0], ==, loopback);
            g_assert_error(error, RTNL_ERROR, EOPNOTSUPP);
        } else {
            g_assert_no_error(error);
        }
        g_assert_cmpuint(count_links(&world), ==, 2);
        g_assert_true(link_delete(world.inside, NETNS_CHILD + n, NULL));
        netns_world_deinit(&world);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
        g_autofree char *path =
            g_strdup_printf("/netlink/link/create/%s", device_type_text(types[i]));
        g_autofree char *mode_path = g_strconcat(path, "/mode", NULL);

        g_test_add_data_func(path, &types[i], test_create);
        g_test_add_data_func(mode_path, &types[i], test_create_mode);
    }
    g_test_add_func("/netlink/link/create/down", test_create_down);
    g_test_add_func("/netlink/link/create/refused", test_create_refused);
    g_test_add_func("/netlink/link/create/hwaddr", test_create_hwaddr);
    g_test_add_func("/netlink/link/settle", test_settle);
    g_test_add_func("/netlink/link/seclude", test_seclude);
    g_test_add_func("/netlink/link/lookup", test_lookup);
    g_test_add_func("/netlink/link/list-long", test_list_long);
    g_test_add_func("/netlink/link/delete-batch", test_delete_batch);
    return g_test_run();
}
