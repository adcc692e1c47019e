/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * What a link is to do about IPv6 addresses (IFLA_AF_SPEC) the kernel takes in a change only, and
 * ignores in a creation: so there are three requests.
 */
#include "netlink/silent-link.h"

#include "netlink/link.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>

static struct ifinfomsg *link_message(RtnlMessage *message, guint16 type, guint16 flags,
                                      guint32 ifindex)
{
    struct ifinfomsg *info = rtnl_message_init(message, type, flags, sizeof *info);

    info->ifi_family = AF_UNSPEC;
    info->ifi_index = (int)ifindex;
    return info;
}

bool silent_link_create(Rtnl *rtnl, const char *name, guint32 parent, GError **error)
{
    g_autofree char *what = g_strdup_printf("cannot create %s", name);
    RtnlMessage message;
    struct nlmsghdr *header = &message.header;
    struct nlattr *linkinfo, *data;

    g_assert(strlen(name) < IFNAMSIZ);
    link_message(&message, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, 0);
    mnl_attr_put_u32(header, IFLA_LINK, parent);
    mnl_attr_put_strz(header, IFLA_IFNAME, name);
    linkinfo = mnl_attr_nest_start(header, IFLA_LINKINFO);
    mnl_attr_put_strz(header, IFLA_INFO_KIND, "ipvlan");
    data = mnl_attr_nest_start(header, IFLA_INFO_DATA);
    mnl_attr_put_u16(header, IFLA_IPVLAN_MODE, IPVLAN_MODE_L2);
    mnl_attr_put_u16(header, IFLA_IPVLAN_FLAGS, 0);
    mnl_attr_nest_end(header, data);
    mnl_attr_nest_end(header, linkinfo);
    return rtnl_request(rtnl, header, what, error);
}

static void put_no_ipv6(struct nlmsghdr *header)
{
    struct nlattr *families = mnl_attr_nest_start(header, IFLA_AF_SPEC);
    struct nlattr *ipv6 = mnl_attr_nest_start(header, AF_INET6);

    mnl_attr_put_u8(header, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
    mnl_attr_nest_end(header, ipv6);
    mnl_attr_nest_end(header, families);
}

static bool settle(Rtnl *rtnl, guint32 ifindex, const char *alias, bool ipv6, GError **error)
{
    g_autofree char *what = g_strdup_printf("cannot silence link %u", ifindex);
    RtnlMessage message;

    g_assert(strlen(alias) <= LINK_ALIAS_MAX);
    link_message(&message, RTM_SETLINK, 0, ifindex);
    mnl_attr_put(&message.header, IFLA_IFALIAS, strlen(alias), alias);
    if (ipv6)
        put_no_ipv6(&message.header);
    return rtnl_request(rtnl, &message.header, what, error);
}

bool silent_link_settle(Rtnl *rtnl, guint32 ifindex, const char *alias, GError **error)
{
    g_autoptr(GError) failure = NULL;

    if (settle(rtnl, ifindex, alias, true, &failure))
        return true;
    /* This kernel, or this link, has no IPv6. */
    if (g_error_matches(failure, RTNL_ERROR, EAFNOSUPPORT))
        return settle(rtnl, ifindex, alias, false, error);
    g_propagate_error(error, g_steal_pointer(&failure));
    return false;
}

bool silent_link_up(Rtnl *rtnl, guint32 ifindex, GError **error)
{
    g_autofree char *what = g_strdup_printf("cannot bring link %u up", ifindex);
    RtnlMessage message;
    struct ifinfomsg *info = link_message(&message, RTM_SETLINK, 0, ifindex);

    info->ifi_flags = info->ifi_change = IFF_UP | IFF_ALLMULTI;
    return rtnl_request(rtnl, &message.header, what, error);
}
