/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Links and uevents against the running kernel: a parent in one netns, its children in another,
 * as in the tap room. The kind is macvtap, which more kernels have than ipvtap and which takes
 * the same way through all of this; where there is an ipvtap, the same is done with it.
 */
#include "netlink/link.h"
#include "netlink/uevent.h"
#include "netns.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define PARENT NETNS_PARENT
#define CHILD 1000003

static const DeviceType types[] = {DEVICE_IPVTAP, DEVICE_MACVTAP, DEVICE_IPVLAN, DEVICE_MACVLAN};

/* The host's netns with a parent, the room, and a socket in each. */
typedef struct {
    int room;
    Rtnl *host;
    Rtnl *inside;
} World;

static bool world_init(World *world, DeviceType type)
{
    g_autoptr(GError) error = NULL;

    memset(world, 0, sizeof *world);
    if (!netns_enter())
        return false;
    world->room = netns_make();
    world->host = rtnl_new(&error);
    g_assert_no_error(error);
    world->inside = netns_rtnl(world->room);
    netns_add_veth(world->host, "up0", PARENT, "router0");
    return netns_kind_usable(world->host, device_type_text(type), PARENT);
}

static void world_deinit(World *world)
{
    rtnl_free(world->host);
    rtnl_free(world->inside);
    if (world->room > 0)
        close(world->room);
}

static LinkSpec child_spec(const World *world, DeviceType type)
{
    return (LinkSpec){.type = type,
                      .name = "ontap1000003",
                      .ifindex = CHILD,
                      .parent = PARENT,
                      .netns = world->room};
}

static void test_create(gconstpointer data)
{
    DeviceType type = *(const DeviceType *)data;
    World world;

    if (world_init(&world, type)) {
        LinkSpec spec = child_spec(&world, type);
        g_autoptr(GError) error = NULL;
        g_autoptr(Link) child = NULL;

        link_create(world.host, &spec, &error);
        g_assert_no_error(error);
        child = link_get(world.inside, CHILD, &error);
        g_assert_no_error(error);
        g_assert_cmpuint(child->ifindex, ==, CHILD);
        g_assert_cmpstr(child->name, ==, "ontap1000003");
        g_assert_cmpstr(child->kind, ==, device_type_text(type));
        g_assert_cmpuint(child->parent, ==, PARENT);
        g_assert_cmpuint(child->flags & (IFF_UP | IFF_ALLMULTI), ==, IFF_UP | IFF_ALLMULTI);
        g_assert_cmpuint(child->arphrd, ==, ARPHRD_ETHER);
        g_assert_cmpuint(child->mtu, ==, 1500);
        g_assert_cmpuint(child->hwaddr_size, ==, HWADDR_SIZE);
        g_assert_true(child->carrier);
        g_assert_null(child->alias);
        g_assert_null(link_get(world.host, CHILD, NULL));

        link_delete(world.inside, CHILD, &error);
        g_assert_no_error(error);
        netns_assert_failed(link_delete(world.inside, CHILD, &error), &error, ENODEV, NULL);
    }
    world_deinit(&world);
}

static void test_create_refused(void)
{
    World world;

    if (world_init(&world, DEVICE_MACVTAP)) {
        LinkSpec spec = child_spec(&world, DEVICE_MACVTAP);
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
        spec.parent = PARENT;
        spec.hwaddr = (const guint8[]){1, 2, 3, 4, 5, 6}; /* a multicast address */
        netns_assert_failed(link_create(world.host, &spec, &error), &error, EADDRNOTAVAIL, NULL);
        spec.hwaddr = NULL;
        spec.netns = 0; /* no netns */
        netns_assert_failed(link_create(world.host, &spec, &error), &error, EINVAL, NULL);
    }
    world_deinit(&world);
}

static void test_create_hwaddr(void)
{
    static const guint8 hwaddr[HWADDR_SIZE] = {2, 0, 0x5e, 0x10, 0, 1};
    World world;

    if (world_init(&world, DEVICE_MACVTAP)) {
        LinkSpec spec = child_spec(&world, DEVICE_MACVTAP);
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
    world_deinit(&world);
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
    World world;

    if (world_init(&world, type)) {
        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
            LinkSpec spec = child_spec(&world, type);
            g_autoptr(GError) error = NULL;
            RtnlMessage message;
            struct ifinfomsg *info;
            Mode mode = absent;

            spec.mode = cases[i].mode;
            link_create(world.host, &spec, &error);
            g_assert_no_error(error);
            info = rtnl_message_init(&message, RTM_GETLINK, 0, sizeof *info);
            info->ifi_index = CHILD;
            rtnl_query(world.inside, &message.header, read_mode, &mode, "no mode", &error);
            g_assert_no_error(error);
            if (type & (DEVICE_IPVTAP | DEVICE_IPVLAN)) {
                g_assert_cmpuint(mode.ipvlan, ==, IPVLAN_MODE_L2);
                g_assert_cmpuint(mode.ipvlan_flags, ==, cases[i].ipvlan_flags);
            } else {
                g_assert_cmpuint(mode.macvlan, ==, cases[i].macvlan);
            }
            g_assert_true(link_delete(world.inside, CHILD, NULL));
        }
    }
    world_deinit(&world);
}

static void test_settle(void)
{
    World world;

    if (world_init(&world, DEVICE_MACVTAP)) {
        LinkSpec spec = child_spec(&world, DEVICE_MACVTAP);
        g_autofree char *longest = g_strnfill(LINK_ALIAS_MAX, 'x');
        g_autofree char *too_long = g_strnfill(LINK_ALIAS_MAX + 1, 'x');
        g_autoptr(Link) link = NULL, unchanged = NULL;
        GError *error = NULL;

        g_assert_true(link_create(world.host, &spec, NULL));
        link_settle(world.inside, CHILD, longest, &error);
        g_assert_no_error(error);
        link = link_get(world.inside, CHILD, &error);
        g_assert_no_error(error);
        g_assert_cmpstr(link->alias, ==, longest);
        g_assert_cmpuint(link->flags & (IFF_NOARP | IFF_UP), ==, IFF_NOARP | IFF_UP);

        netns_assert_failed(link_settle(world.inside, CHILD, too_long, &error), &error, EMSGSIZE,
                            "256 bytes, and 255 fit");
        netns_assert_failed(link_settle(world.host, CHILD, "v=1", &error), &error, ENODEV,
                            "cannot set the alias of link 1000003: No such device");
        unchanged = link_get(world.inside, CHILD, &error);
        g_assert_cmpstr(unchanged->alias, ==, longest);
    }
    world_deinit(&world);
}

static void test_lookup(void)
{
    World world;

    if (world_init(&world, DEVICE_MACVTAP)) {
        g_autofree char *endless = g_strnfill(200, 'x');
        g_autoptr(GPtrArray) links = NULL;
        g_autoptr(Link) by_name = NULL;
        GError *error = NULL;
        bool found = false;

        by_name = link_get_by_name(world.host, "up0", &error);
        g_assert_no_error(error);
        g_assert_cmpuint(by_name->ifindex, ==, PARENT);
        g_assert_cmpstr(by_name->kind, ==, "veth");

        links = link_list(world.host, &error);
        g_assert_no_error(error);
        g_assert_cmpuint(links->len, >=, 3); /* lo, up0, router0 */
        for (guint i = 0; i < links->len; i++) {
            const Link *link = g_ptr_array_index(links, i);

            found = found || (link->ifindex == PARENT && strcmp(link->name, "up0") == 0);
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
    world_deinit(&world);
}

/* A dump of many parts: names, aliases and all arrive once each. */
static void test_list_long(void)
{
    World world;

    if (world_init(&world, DEVICE_MACVTAP)) {
        g_autoptr(GPtrArray) links = NULL, rest = NULL;
        g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
        g_autofree char *alias = g_strnfill(LINK_ALIAS_MAX, 'x');
        g_autoptr(GError) error = NULL;
        const guint n = 200;
        guint32 creations[200], settings[200], groupings[200];

        for (guint i = 0; i < n; i++) {
            LinkSpec spec = child_spec(&world, DEVICE_MACVTAP);
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
    world_deinit(&world);
}

/* Adds and deletes links until told to stop. */
static gpointer disturb(gpointer data)
{
    gint *stop = data;
    g_autoptr(Rtnl) rtnl = rtnl_new(NULL); /* a thread starts in its maker's netns */

    for (guint i = 0; !g_atomic_int_get(stop); i++) {
        LinkSpec spec = {.type = DEVICE_MACVTAP,
                         .name = "come-and-go",
                         .ifindex = 5000 + i,
                         .parent = PARENT,
                         .netns = -1};

        g_assert_true(link_create(rtnl, &spec, NULL));
        g_assert_true(link_delete(rtnl, 5000 + i, NULL));
    }
    return NULL;
}

/* A dump that was disturbed starts again: what it gives is whole, and has nothing twice. */
static void test_list_disturbed(void)
{
    World world;

    if (world_init(&world, DEVICE_MACVTAP)) {
        const guint n = 150;
        gint stop = 0;
        GThread *thread;
        guint whole = 0;
        g_autofree char *alias = g_strnfill(LINK_ALIAS_MAX, 'x'); /* so that it takes many parts */

        for (guint i = 0; i < n; i++) {
            LinkSpec spec = child_spec(&world, DEVICE_MACVTAP);
            g_autofree char *name = g_strdup_printf("t%u", i);

            spec.ifindex += i;
            spec.name = name;
            spec.netns = -1;
            g_assert_true(link_create(world.host, &spec, NULL));
            g_assert_true(link_settle(world.host, spec.ifindex, alias, NULL));
        }
        thread = g_thread_new("disturb", disturb, &stop);
        for (guint i = 0; i < 200; i++) {
            g_autoptr(GError) error = NULL;
            g_autoptr(GPtrArray) links = link_list(world.host, &error);
            g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
            guint ours = 0;

            if (!links) {
                g_assert_error(error, RTNL_ERROR, EINTR);
                continue;
            }
            whole++;
            for (guint k = 0; k < links->len; k++) {
                const Link *link = g_ptr_array_index(links, k);

                g_assert_true(g_hash_table_add(seen, GUINT_TO_POINTER(link->ifindex)));
                ours += link->ifindex >= CHILD;
            }
            g_assert_cmpuint(ours, ==, n);
        }
        g_atomic_int_set(&stop, 1);
        g_thread_join(thread);
        g_test_message("%u of 200 listings", whole);
        g_assert_cmpuint(whole, >, 0);
        for (guint i = 0; i < n; i++)
            g_assert_true(link_set_group(world.host, CHILD + i, 5, NULL));
        g_assert_true(link_delete_group(world.host, 5, NULL));
    }
    world_deinit(&world);
}

/* Answers nobody collected do not reach the wrong request. */
static void test_collect_order(void)
{
    World world;

    if (world_init(&world, DEVICE_MACVTAP)) {
        LinkSpec good = child_spec(&world, DEVICE_MACVTAP), bad = good;
        GError *error = NULL;
        guint32 seqs[3];

        bad.parent = 4711;
        bad.ifindex++;
        bad.name = "bad";
        g_assert_true(link_create_send(world.host, &bad, &seqs[0], NULL));
        g_assert_true(link_create_send(world.host, &good, &seqs[1], NULL));
        g_assert_true(link_create_send(world.host, &bad, &seqs[2], NULL));
        rtnl_collect(world.host, seqs[1], "the good one", &error); /* the first is dropped */
        g_assert_no_error(error);
        netns_assert_failed(rtnl_collect(world.host, seqs[0], "the first", &error), &error, ENOBUFS,
                            "the first: the kernel's answer was lost");
        netns_assert_failed(rtnl_collect(world.host, seqs[2], "the third", &error), &error, ENODEV,
                            "the third: No such device");
    }
    world_deinit(&world);
}

/* More acknowledgements than the queue holds: those that were lost are reported as such, at once,
 * and the socket is as good as new. */
static void test_overrun(void)
{
    World world;

    if (world_init(&world, DEVICE_MACVTAP)) {
        enum {
            N = 4000
        };
        g_autofree guint32 *seqs = g_new(guint32, N);
        g_autoptr(Link) link = NULL;
        g_autoptr(GError) error = NULL;
        guint good = 0, lost = 0;
        gint64 start;

        for (guint i = 0; i < N; i++) {
            RtnlMessage message;
            struct ifinfomsg *info = rtnl_message_init(&message, RTM_SETLINK, 0, sizeof *info);

            info->ifi_index = PARENT;
            g_assert_true(rtnl_send(world.host, &message.header, &seqs[i], NULL));
        }
        start = g_get_monotonic_time();
        for (guint i = 0; i < N; i++) {
            GError *failure = NULL;

            if (rtnl_collect(world.host, seqs[i], "nothing", &failure))
                good++;
            else {
                netns_assert_failed(false, &failure, ENOBUFS, "nothing: the kernel's answer ");
                lost++;
            }
        }
        g_assert_cmpuint(good, >, 0);
        g_assert_cmpuint(lost, >, 0);
        g_assert_cmpint(g_get_monotonic_time() - start, <, 3 * G_USEC_PER_SEC);
        link = link_get(world.host, PARENT, &error);
        g_assert_no_error(error);
    }
    world_deinit(&world);
}

static int refuse(const struct nlmsghdr *message, void *data)
{
    ++*(guint *)data;
    errno = EILSEQ;
    return MNL_CB_ERROR;
}

/* A reader that gives up gets its errno, and the rest of the dump is not in the way. */
static void test_dump_refused(void)
{
    World world;

    if (world_init(&world, DEVICE_MACVTAP)) {
        g_autoptr(Link) link = NULL;
        GError *error = NULL;
        RtnlMessage message;
        guint calls = 0;

        rtnl_message_init(&message, RTM_GETLINK, 0, sizeof(struct ifinfomsg));
        netns_assert_failed(
            rtnl_dump(world.host, &message.header, refuse, NULL, &calls, "list", &error), &error,
            EILSEQ, "list: cannot read the kernel's answer");
        g_assert_cmpuint(calls, ==, 1);
        link = link_get(world.host, PARENT, &error);
        g_assert_no_error(error);
    }
    world_deinit(&world);
}

/* The kernel's own words reach the user. */
static void test_extended_ack(void)
{
    World world;

    if (world_init(&world, DEVICE_MACVTAP)) {
        GError *error = NULL;
        RtnlMessage message;
        struct nlattr *linkinfo;

        rtnl_message_init(&message, RTM_NEWLINK, NLM_F_CREATE, sizeof(struct ifinfomsg));
        linkinfo = mnl_attr_nest_start(&message.header, IFLA_LINKINFO);
        mnl_attr_put_strz(&message.header, IFLA_INFO_KIND, "no-such-kind");
        mnl_attr_nest_end(&message.header, linkinfo);
        netns_assert_failed(rtnl_request(world.host, &message.header, "cannot create it", &error),
                            &error, EOPNOTSUPP,
                            "cannot create it: Operation not supported: Unknown device type");
    }
    world_deinit(&world);
}

/* The number in the uevent is that of the device: a node made with it opens this very tap. */
static void assert_opens(dev_t device, const char *name)
{
    g_autofree char *path = g_strdup_printf("%s/ontap-test-%d", g_get_tmp_dir(), getpid());
    struct ifreq request = {0};
    int fd;

    if (mknod(path, S_IFCHR | 0600, device) < 0) {
        g_test_message("no permission to make a node");
        return;
    }
    fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
    g_assert_cmpint(unlink(path), ==, 0);
    if (fd < 0 && errno == EACCES) {
        g_test_message("nodes cannot be opened in %s", g_get_tmp_dir());
        return;
    }
    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(ioctl(fd, TUNGETIFF, &request), ==, 0);
    g_assert_cmpstr(request.ifr_name, ==, name);
    close(fd);
}

static void test_uevent(gconstpointer data)
{
    DeviceType type = *(const DeviceType *)data;
    World world;

    if (world_init(&world, type)) {
        int host = netns_switch(world.room);
        g_autoptr(Uevents) uevents = NULL;
        GError *error = NULL;
        dev_t device = 0, other = 0;

        uevents = uevents_new(&error);
        g_assert_no_error(error);
        close(netns_switch(host));
        close(host);

        netns_assert_failed(uevents_find_tap(uevents, CHILD, &device, &error), &error, ENOENT,
                            "no device number for tap1000003: the kernel sent no event");
        for (guint i = 0; i < 3; i++) {
            LinkSpec spec = child_spec(&world, type);
            g_autofree char *name = g_strdup_printf("ontap%u", CHILD + i);

            spec.name = name;
            spec.ifindex = CHILD + i;
            link_create(world.host, &spec, &error);
            g_assert_no_error(error);
        }
        uevents_find_tap(uevents, CHILD + 1, &device, &error); /* the one before is passed over */
        g_assert_no_error(error);
        uevents_find_tap(uevents, CHILD + 2, &other, &error);
        g_assert_no_error(error);
        g_assert_cmpuint(device, !=, other);
        netns_assert_failed(uevents_find_tap(uevents, CHILD, &device, &error), &error, ENOENT,
                            NULL);

        host = netns_switch(world.room);
        assert_opens(device, "ontap1000004");
        assert_opens(other, "ontap1000005");
        close(netns_switch(host));
        close(host);
    }
    world_deinit(&world);
}

/* Deletions do not fill the queue: a tap made after hundreds of them is still found. */
static void test_uevent_crowd(void)
{
    World world;

    if (world_init(&world, DEVICE_MACVTAP)) {
        int host = netns_switch(world.room);
        g_autoptr(Uevents) uevents = NULL;
        g_autoptr(GError) error = NULL;
        dev_t device;

        uevents = uevents_new(&error);
        g_assert_no_error(error);
        close(netns_switch(host));
        close(host);
        for (guint i = 0; i < 300; i++) {
            LinkSpec spec = child_spec(&world, DEVICE_MACVTAP);
            g_autofree char *name = g_strdup_printf("ontap%u", CHILD + i);

            spec.name = name;
            spec.ifindex = CHILD + i;
            link_create(world.host, &spec, &error);
            g_assert_no_error(error);
            g_assert_true(link_set_group(world.inside, spec.ifindex, 5, NULL));
            if (i == 298)
                g_assert_true(link_delete_group(world.inside, 5, NULL));
        }
        uevents_find_tap(uevents, CHILD + 299, &device, &error);
        g_assert_no_error(error);
    }
    world_deinit(&world);
}

/* What a process says in the kernel's group is not believed. */
static void test_uevent_forged(void)
{
    static const char text[] = "add@/devices/virtual/net/x/tap1000003\0ACTION=add\0"
                               "SUBSYSTEM=ipvtap\0MAJOR=8\0MINOR=0\0DEVNAME=tap1000003";
    const struct sockaddr_nl everybody = {.nl_family = AF_NETLINK, .nl_groups = 1};
    g_autoptr(Uevents) uevents = NULL;
    GError *error = NULL;
    guint32 ifindex;
    dev_t device;
    int forger;

    if (!netns_enter())
        return;
    uevents = uevents_new(&error);
    g_assert_no_error(error);
    g_assert_true(uevent_parse_tap(text, sizeof text, &ifindex, &device));
    forger = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
    g_assert_cmpint(forger, >=, 0);
    if (sendto(forger, text, sizeof text, 0, (const struct sockaddr *)&everybody,
               sizeof everybody) < 0)
        g_test_message("the kernel did not even send it: %s", g_strerror(errno));
    netns_assert_failed(uevents_find_tap(uevents, CHILD, &device, &error), &error, ENOENT, NULL);
    close(forger);
}

#define HEAD "add@/devices/virtual/net/ontap7/tap7\0"
#define BODY "ACTION=add\0SUBSYSTEM=ipvtap\0"

static const struct {
    const char *name;
    const char *text;
    size_t size;
    bool good;
} uevents[] = {
#define CASE(name, text, good)                                                                     \
    {                                                                                              \
        name, text, sizeof text, good                                                              \
    }
    CASE("plain", HEAD BODY "MAJOR=240\0MINOR=1\0DEVNAME=tap7\0SEQNUM=1", true),
    CASE("macvtap", HEAD "ACTION=add\0SUBSYSTEM=macvtap\0MAJOR=240\0MINOR=1\0DEVNAME=tap7", true),
    CASE("unknown-keys", HEAD BODY "X\0=\0\0MAJOR=240\0MINOR=1\0DEVNAME=tap7\0", true),
    CASE("largest-device", HEAD BODY "MAJOR=4095\0MINOR=1048575\0DEVNAME=tap7", true),
    CASE("empty", "", false),
    CASE("head-only", HEAD, false),
    CASE("removal", "remove@/x\0" BODY "MAJOR=240\0MINOR=1\0DEVNAME=tap7", false),
    CASE("action-remove", HEAD "ACTION=remove\0SUBSYSTEM=ipvtap\0MAJOR=240\0MINOR=1\0DEVNAME=tap7",
         false),
    CASE("no-action", HEAD "SUBSYSTEM=ipvtap\0MAJOR=240\0MINOR=1\0DEVNAME=tap7", false),
    CASE("udev", "libudev\0" BODY "MAJOR=240\0MINOR=1\0DEVNAME=tap7", false),
    CASE("net", HEAD "ACTION=add\0SUBSYSTEM=net\0MAJOR=240\0MINOR=1\0DEVNAME=tap7", false),
    CASE("subsystem-prefix", HEAD "ACTION=add\0SUBSYSTEM=ipvtapx\0MAJOR=1\0MINOR=1\0DEVNAME=tap7",
         false),
    CASE("no-subsystem", HEAD "ACTION=add\0MAJOR=240\0MINOR=1\0DEVNAME=tap7", false),
    CASE("no-major", HEAD BODY "MINOR=1\0DEVNAME=tap7", false),
    CASE("no-minor", HEAD BODY "MAJOR=240\0DEVNAME=tap7", false),
    CASE("no-name", HEAD BODY "MAJOR=240\0MINOR=1", false),
    CASE("major-0", HEAD BODY "MAJOR=0\0MINOR=1\0DEVNAME=tap7", false),
    CASE("major-4096", HEAD BODY "MAJOR=4096\0MINOR=1\0DEVNAME=tap7", false),
    CASE("minor-1048576", HEAD BODY "MAJOR=240\0MINOR=1048576\0DEVNAME=tap7", false),
    CASE("huge", HEAD BODY "MAJOR=18446744073709551856\0MINOR=1\0DEVNAME=tap7", false),
    CASE("negative", HEAD BODY "MAJOR=240\0MINOR=-1\0DEVNAME=tap7", false),
    CASE("signed", HEAD BODY "MAJOR=+240\0MINOR=1\0DEVNAME=tap7", false),
    CASE("space", HEAD BODY "MAJOR= 240\0MINOR=1\0DEVNAME=tap7", false),
    CASE("hexadecimal", HEAD BODY "MAJOR=0x10\0MINOR=1\0DEVNAME=tap7", false),
    CASE("leading-zero", HEAD BODY "MAJOR=240\0MINOR=1\0DEVNAME=tap07", false),
    CASE("no-digits", HEAD BODY "MAJOR=240\0MINOR=\0DEVNAME=tap7", false),
    CASE("name-no-digits", HEAD BODY "MAJOR=240\0MINOR=1\0DEVNAME=tap", false),
    CASE("name-tail", HEAD BODY "MAJOR=240\0MINOR=1\0DEVNAME=tap7x", false),
    CASE("name-other", HEAD BODY "MAJOR=240\0MINOR=1\0DEVNAME=tun7", false),
    CASE("name-0", HEAD BODY "MAJOR=240\0MINOR=1\0DEVNAME=tap0", false),
    CASE("name-2147483648", HEAD BODY "MAJOR=240\0MINOR=1\0DEVNAME=tap2147483648", false),
    CASE("name-4294967303", HEAD BODY "MAJOR=240\0MINOR=1\0DEVNAME=tap4294967303", false),
    CASE("twice", HEAD BODY "MAJOR=240\0MINOR=1\0DEVNAME=tap7\0MINOR=2", false),
#undef CASE
};

static void test_uevent_parse(gconstpointer data)
{
    size_t i = GPOINTER_TO_SIZE(data);
    g_autofree char *exact = g_memdup2(uevents[i].text, uevents[i].size);
    guint32 ifindex = 0;
    dev_t device = 0;

    g_assert_cmpint(uevent_parse_tap(exact, uevents[i].size, &ifindex, &device), ==,
                    uevents[i].good);
    if (uevents[i].good) {
        g_assert_cmpuint(ifindex, ==, 7);
        g_assert_cmpuint(major(device), ==, strcmp(uevents[i].name, "largest-device") ? 240 : 4095);
        g_assert_cmpuint(minor(device), ==,
                         strcmp(uevents[i].name, "largest-device") ? 1 : 1048575);
    }
}

/* Cut anywhere: only the whole message is one, and nothing is read behind the cut. */
static void test_uevent_cut(void)
{
    static const char text[] = HEAD BODY "MAJOR=240\0MINOR=1\0DEVNAME=tap7";

    for (size_t size = 0; size < sizeof text; size++) {
        g_autofree char *exact = g_memdup2(text, size);
        guint32 ifindex;
        dev_t device;

        g_assert_false(uevent_parse_tap(exact, size, &ifindex, &device));
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
    g_test_add_func("/netlink/link/create/refused", test_create_refused);
    g_test_add_func("/netlink/link/create/hwaddr", test_create_hwaddr);
    g_test_add_func("/netlink/link/settle", test_settle);
    g_test_add_func("/netlink/link/lookup", test_lookup);
    g_test_add_func("/netlink/link/list-long", test_list_long);
    g_test_add_func("/netlink/link/list-disturbed", test_list_disturbed);
    g_test_add_func("/netlink/rtnl/collect-order", test_collect_order);
    g_test_add_func("/netlink/rtnl/overrun", test_overrun);
    g_test_add_func("/netlink/rtnl/dump-refused", test_dump_refused);
    g_test_add_func("/netlink/rtnl/extended-ack", test_extended_ack);
    g_test_add_data_func("/netlink/uevent/find/ipvtap", &types[0], test_uevent);
    g_test_add_data_func("/netlink/uevent/find/macvtap", &types[1], test_uevent);
    g_test_add_func("/netlink/uevent/find/crowd", test_uevent_crowd);
    g_test_add_func("/netlink/uevent/find/forged", test_uevent_forged);
    g_test_add_func("/netlink/uevent/parse/cut", test_uevent_cut);
    for (size_t i = 0; i < G_N_ELEMENTS(uevents); i++) {
        g_autofree char *path = g_strdup_printf("/netlink/uevent/parse/%s", uevents[i].name);

        g_test_add_data_func(path, GSIZE_TO_POINTER(i), test_uevent_parse);
    }
    return g_test_run();
}
