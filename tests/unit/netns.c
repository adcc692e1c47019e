/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The helpers of netns.h. They build their links by hand where netlink/ has no need to.
 */
#include "netns.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

static bool write_file(const char *path, const char *text)
{
    g_autofree char *copy = g_strdup(text);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool written = fd >= 0 && write(fd, copy, strlen(copy)) == (ssize_t)strlen(copy);

    if (fd >= 0)
        close(fd);
    return written;
}

/* Only the first call of a process can do this; later ones have what they need. */
static bool become_root_of_a_user_namespace(void)
{
    g_autofree char *uids = g_strdup_printf("0 %u 1", geteuid());
    g_autofree char *gids = g_strdup_printf("0 %u 1", getegid());

    return unshare(CLONE_NEWUSER) == 0 && write_file("/proc/self/setgroups", "deny") &&
           write_file("/proc/self/uid_map", uids) && write_file("/proc/self/gid_map", gids);
}

bool netns_enter(void)
{
    if (unshare(CLONE_NEWNET) == 0 ||
        (errno == EPERM && become_root_of_a_user_namespace() && unshare(CLONE_NEWNET) == 0))
        return true;
    g_test_skip("no permission to make a network namespace");
    return false;
}

static int own_netns(void)
{
    int fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);

    g_assert_cmpint(fd, >=, 0);
    return fd;
}

int netns_switch(int netns)
{
    int old = own_netns();

    g_assert_cmpint(setns(netns, CLONE_NEWNET), ==, 0);
    return old;
}

int netns_make(void)
{
    int old = own_netns(), made;

    g_assert_cmpint(unshare(CLONE_NEWNET), ==, 0);
    made = netns_switch(old);
    close(old);
    return made;
}

Rtnl *netns_rtnl(int netns)
{
    int old = netns_switch(netns);
    g_autoptr(GError) error = NULL;
    Rtnl *rtnl = rtnl_new(&error);

    g_assert_no_error(error);
    close(netns_switch(old));
    close(old);
    return rtnl;
}

void netns_add_veth(Rtnl *rtnl, const char *name, guint32 ifindex, const char *peer)
{
    g_autoptr(GError) error = NULL;
    RtnlMessage message;
    struct nlmsghdr *header = &message.header;
    struct ifinfomsg *info;
    g_autoptr(Link) other = NULL;
    struct nlattr *linkinfo, *data, *attribute;

    info = rtnl_message_init(&message, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof *info);
    info->ifi_index = (int)ifindex;
    mnl_attr_put_strz(header, IFLA_IFNAME, name);
    linkinfo = mnl_attr_nest_start(header, IFLA_LINKINFO);
    mnl_attr_put_strz(header, IFLA_INFO_KIND, "veth");
    data = mnl_attr_nest_start(header, IFLA_INFO_DATA);
    attribute = mnl_attr_nest_start(header, VETH_INFO_PEER);
    mnl_nlmsg_put_extra_header(header, sizeof *info);
    mnl_attr_put_strz(header, IFLA_IFNAME, peer);
    mnl_attr_nest_end(header, attribute);
    mnl_attr_nest_end(header, data);
    mnl_attr_nest_end(header, linkinfo);
    rtnl_request(rtnl, header, "cannot create a veth pair", &error);
    g_assert_no_error(error);
    other = link_get_by_name(rtnl, peer, &error);
    g_assert_no_error(error);
    g_assert_true(link_set_up(rtnl, ifindex, NULL) && link_set_up(rtnl, other->ifindex, NULL));
}

bool netns_kind_usable(Rtnl *rtnl, const char *kind, guint32 parent)
{
    g_autoptr(GError) error = NULL;
    RtnlMessage message;
    struct nlattr *linkinfo;

    rtnl_message_init(&message, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof(struct ifinfomsg));
    mnl_attr_put_u32(&message.header, IFLA_LINK, parent);
    mnl_attr_put_strz(&message.header, IFLA_IFNAME, "try0");
    linkinfo = mnl_attr_nest_start(&message.header, IFLA_LINKINFO);
    mnl_attr_put_strz(&message.header, IFLA_INFO_KIND, kind);
    mnl_attr_nest_end(&message.header, linkinfo);
    if (!rtnl_request(rtnl, &message.header, "cannot create try0", &error)) {
        if (g_error_matches(error, RTNL_ERROR, EOPNOTSUPP)) {
            g_autofree char *reason = g_strdup_printf("this kernel has no %s", kind);

            g_test_skip(reason);
            return false;
        }
        g_assert_no_error(error);
    }
    rtnl_message_init(&message, RTM_DELLINK, 0, sizeof(struct ifinfomsg));
    mnl_attr_put_strz(&message.header, IFLA_IFNAME, "try0");
    rtnl_request(rtnl, &message.header, "cannot delete try0", &error);
    g_assert_no_error(error);
    return true;
}

Rtnl *netns_world(void)
{
    g_autoptr(GError) error = NULL;
    Rtnl *rtnl;

    if (!netns_enter())
        return NULL;
    rtnl = rtnl_new(&error);
    g_assert_no_error(error);
    netns_add_veth(rtnl, "up0", NETNS_PARENT, "router0");
    return rtnl;
}

bool netns_world_init(NetnsWorld *world, DeviceType type)
{
    *world = (NetnsWorld){.room = -1};
    world->host = netns_world();
    if (!world->host)
        return false;
    world->room = netns_make();
    world->inside = netns_rtnl(world->room);
    return netns_kind_usable(world->host, device_type_text(type), NETNS_PARENT);
}

void netns_world_deinit(NetnsWorld *world)
{
    rtnl_free(world->host);
    rtnl_free(world->inside);
    if (world->room >= 0)
        close(world->room);
}

LinkSpec netns_child(const NetnsWorld *world, DeviceType type)
{
    return (LinkSpec){.type = type,
                      .name = "ontap1000003",
                      .ifindex = NETNS_CHILD,
                      .parent = NETNS_PARENT,
                      .netns = world->room};
}

void netns_assert_failed(bool result, GError **errorp, int code, const char *words)
{
    g_assert_false(result);
    g_assert_error(*errorp, RTNL_ERROR, code);
    if (words && !strstr((*errorp)->message, words))
        g_error("no \"%s\" in: %s", words, (*errorp)->message);
    g_clear_error(errorp);
}

IpAddress netns_ip(const char *text)
{
    IpAddress ip = {0};

    g_assert_true(ip_parse(text, &ip));
    return ip;
}
