/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The exchange of requests and answers: out of order, too many, refused, disturbed.
 */
#include "netlink/link.h"
#include "netns.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>

/* Answers nobody collected do not reach the wrong request. */
static void test_collect_order(void)
{
    NetnsWorld world;

    if (netns_world_init(&world, DEVICE_MACVTAP)) {
        LinkSpec good = netns_child(&world, DEVICE_MACVTAP), bad = good;
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
    netns_world_deinit(&world);
}

/* More acknowledgements than the queue holds: those that were lost are reported as such, at once,
 * and the socket is as good as new. */
static void test_overrun(void)
{
    NetnsWorld world;

    if (netns_world_init(&world, DEVICE_MACVTAP)) {
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

            info->ifi_index = NETNS_PARENT;
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
        link = link_get(world.host, NETNS_PARENT, &error);
        g_assert_no_error(error);
    }
    netns_world_deinit(&world);
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
    NetnsWorld world;

    if (netns_world_init(&world, DEVICE_MACVTAP)) {
        g_autoptr(Link) link = NULL;
        GError *error = NULL;
        RtnlMessage message;
        guint calls = 0;

        rtnl_message_init(&message, RTM_GETLINK, 0, sizeof(struct ifinfomsg));
        netns_assert_failed(
            rtnl_dump(world.host, &message.header, refuse, NULL, &calls, "list", &error), &error,
            EILSEQ, "list: cannot read the kernel's answer");
        g_assert_cmpuint(calls, ==, 1);
        link = link_get(world.host, NETNS_PARENT, &error);
        g_assert_no_error(error);
    }
    netns_world_deinit(&world);
}

/* The kernel's own words reach the user. */
static void test_extended_ack(void)
{
    NetnsWorld world;

    if (netns_world_init(&world, DEVICE_MACVTAP)) {
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
    netns_world_deinit(&world);
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
                         .parent = NETNS_PARENT,
                         .netns = -1};

        g_assert_true(link_create(rtnl, &spec, NULL));
        g_assert_true(link_delete(rtnl, 5000 + i, NULL));
    }
    return NULL;
}

/* A dump that was disturbed starts again: what it gives is whole, and has nothing twice. */
static void test_list_disturbed(void)
{
    NetnsWorld world;

    if (netns_world_init(&world, DEVICE_MACVTAP)) {
        const guint n = 150;
        gint stop = 0;
        GThread *thread;
        guint whole = 0;
        g_autofree char *alias = g_strnfill(LINK_ALIAS_MAX, 'x'); /* so that it takes many parts */

        for (guint i = 0; i < n; i++) {
            LinkSpec spec = netns_child(&world, DEVICE_MACVTAP);
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
                ours += link->ifindex >= NETNS_CHILD;
            }
            g_assert_cmpuint(ours, ==, n);
        }
        g_atomic_int_set(&stop, 1);
        g_thread_join(thread);
        g_test_message("%u of 200 listings", whole);
        g_assert_cmpuint(whole, >, 0);
        for (guint i = 0; i < n; i++)
            g_assert_true(link_set_group(world.host, NETNS_CHILD + i, 5, NULL));
        g_assert_true(link_delete_group(world.host, 5, NULL));
    }
    netns_world_deinit(&world);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/netlink/rtnl/collect-order", test_collect_order);
    g_test_add_func("/netlink/rtnl/overrun", test_overrun);
    g_test_add_func("/netlink/rtnl/dump-refused", test_dump_refused);
    g_test_add_func("/netlink/rtnl/dump-disturbed", test_list_disturbed);
    g_test_add_func("/netlink/rtnl/extended-ack", test_extended_ack);
    return g_test_run();
}
