/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Making, changing and deleting links.
 *
 * A sub-interface is made by one message: parent, netns, name, ifindex, mode and flags together,
 * so that it never exists half made. Only its alias needs a second one, in the netns where it
 * lives, since the kernel ignores an alias in a creation without a word; IFF_NOARP goes with it.
 */
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

/* IFLA_INFO_DATA. Never left out: without it an ipvlan is made in L3 mode, and its siblings, whose
 * mode is one and the same, are changed with it. */
static void put_mode(struct nlmsghdr *header, const LinkSpec *spec)
{
    struct nlattr *data = mnl_attr_nest_start(header, IFLA_INFO_DATA);

    switch (spec->type) {
    case DEVICE_IPVTAP:
    case DEVICE_IPVLAN:
        mnl_attr_put_u16(header, IFLA_IPVLAN_MODE, IPVLAN_MODE_L2);
        mnl_attr_put_u16(header, IFLA_IPVLAN_FLAGS,
                         spec->mode == LINK_MODE_PRIVATE ? IPVLAN_F_PRIVATE : 0);
        break;
    case DEVICE_MACVTAP:
    case DEVICE_MACVLAN:
        mnl_attr_put_u32(header, IFLA_MACVLAN_MODE,
                         spec->mode == LINK_MODE_PRIVATE ? MACVLAN_MODE_PRIVATE
                                                         : MACVLAN_MODE_BRIDGE);
        break;
    }
    mnl_attr_nest_end(header, data);
}

bool link_create_send(Rtnl *rtnl, const LinkSpec *spec, guint32 *seqp, GError **error)
{
    RtnlMessage message;
    struct nlmsghdr *header = &message.header;
    struct ifinfomsg *info;
    struct nlattr *linkinfo;

    g_assert(spec->ifindex <= G_MAXINT32);
    g_assert(strlen(spec->name) < IFNAMSIZ);
    g_assert(!spec->hwaddr || (spec->type & (DEVICE_MACVTAP | DEVICE_MACVLAN)));

    info = link_message(&message, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, spec->ifindex);
    info->ifi_flags = info->ifi_change = spec->down ? 0 : IFF_UP | IFF_ALLMULTI;
    mnl_attr_put_u32(header, IFLA_LINK, spec->parent);
    mnl_attr_put_strz(header, IFLA_IFNAME, spec->name);
    if (spec->netns >= 0)
        mnl_attr_put_u32(header, IFLA_NET_NS_FD, (guint32)spec->netns);
    if (spec->hwaddr)
        mnl_attr_put(header, IFLA_ADDRESS, HWADDR_SIZE, spec->hwaddr);
    linkinfo = mnl_attr_nest_start(header, IFLA_LINKINFO);
    mnl_attr_put_strz(header, IFLA_INFO_KIND, device_type_text(spec->type));
    put_mode(header, spec);
    mnl_attr_nest_end(header, linkinfo);
    return rtnl_send(rtnl, header, seqp, error);
}

bool link_create(Rtnl *rtnl, const LinkSpec *spec, GError **error)
{
    g_autofree char *what = g_strdup_printf("cannot create %s", spec->name);
    guint32 seq;

    return link_create_send(rtnl, spec, &seq, error) && rtnl_collect(rtnl, seq, what, error);
}

bool link_settle_send(Rtnl *rtnl, guint32 ifindex, const char *alias, guint32 *seqp, GError **error)
{
    RtnlMessage message;
    struct ifinfomsg *info;
    size_t size = strlen(alias);

    if (size > LINK_ALIAS_MAX) {
        g_set_error(error, RTNL_ERROR, EMSGSIZE,
                    "cannot set the alias of link %u: it has %zu bytes, and %d fit", ifindex, size,
                    LINK_ALIAS_MAX);
        return false;
    }
    info = link_message(&message, RTM_SETLINK, 0, ifindex);
    info->ifi_flags = info->ifi_change = IFF_NOARP;
    mnl_attr_put(&message.header, IFLA_IFALIAS, size, alias); /* the kernel counts a NUL as text */
    return rtnl_send(rtnl, &message.header, seqp, error);
}

bool link_settle(Rtnl *rtnl, guint32 ifindex, const char *alias, GError **error)
{
    g_autofree char *what = g_strdup_printf("cannot set the alias of link %u", ifindex);
    guint32 seq;

    return link_settle_send(rtnl, ifindex, alias, &seq, error) &&
           rtnl_collect(rtnl, seq, what, error);
}

static bool forbid_own_address(Rtnl *rtnl, guint32 ifindex, GError **error)
{
    g_autofree char *what = g_strdup_printf("cannot keep link %u from an address", ifindex);
    g_autoptr(GError) failure = NULL;
    RtnlMessage message;
    struct nlmsghdr *header = &message.header;
    struct nlattr *families, *inet6;

    link_message(&message, RTM_SETLINK, 0, ifindex);
    families = mnl_attr_nest_start(header, IFLA_AF_SPEC);
    inet6 = mnl_attr_nest_start(header, AF_INET6);
    mnl_attr_put_u8(header, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
    mnl_attr_nest_end(header, inet6);
    mnl_attr_nest_end(header, families);
    /* Without IPv6 there is nothing to forbid. */
    if (rtnl_request(rtnl, header, what, &failure) ||
        g_error_matches(failure, RTNL_ERROR, EAFNOSUPPORT))
        return true;
    g_propagate_error(error, g_steal_pointer(&failure));
    return false;
}

bool link_seclude(Rtnl *rtnl, guint32 ifindex, GError **error)
{
    g_autofree char *what = g_strdup_printf("cannot set the flags of link %u", ifindex);
    RtnlMessage message;
    struct ifinfomsg *info = link_message(&message, RTM_SETLINK, 0, ifindex);

    info->ifi_flags = info->ifi_change = IFF_ALLMULTI;
    return rtnl_request(rtnl, &message.header, what, error) &&
           forbid_own_address(rtnl, ifindex, error);
}

bool link_set_up(Rtnl *rtnl, guint32 ifindex, GError **error)
{
    g_autofree char *what = g_strdup_printf("cannot bring link %u up", ifindex);
    RtnlMessage message;
    struct ifinfomsg *info = link_message(&message, RTM_SETLINK, 0, ifindex);

    info->ifi_flags = info->ifi_change = IFF_UP;
    return rtnl_request(rtnl, &message.header, what, error);
}

bool link_delete(Rtnl *rtnl, guint32 ifindex, GError **error)
{
    g_autofree char *what = g_strdup_printf("cannot delete link %u", ifindex);
    RtnlMessage message;

    link_message(&message, RTM_DELLINK, 0, ifindex);
    return rtnl_request(rtnl, &message.header, what, error);
}

bool link_set_group_send(Rtnl *rtnl, guint32 ifindex, guint32 group, guint32 *seqp, GError **error)
{
    RtnlMessage message;

    link_message(&message, RTM_SETLINK, 0, ifindex);
    mnl_attr_put_u32(&message.header, IFLA_GROUP, group);
    return rtnl_send(rtnl, &message.header, seqp, error);
}

bool link_set_group(Rtnl *rtnl, guint32 ifindex, guint32 group, GError **error)
{
    g_autofree char *what = g_strdup_printf("cannot put link %u into group %u", ifindex, group);
    guint32 seq;

    return link_set_group_send(rtnl, ifindex, group, &seq, error) &&
           rtnl_collect(rtnl, seq, what, error);
}

bool link_delete_group(Rtnl *rtnl, guint32 group, GError **error)
{
    g_autofree char *what = g_strdup_printf("cannot delete the links of group %u", group);
    RtnlMessage message;

    g_assert(group != 0);
    link_message(&message, RTM_DELLINK, 0, 0);
    mnl_attr_put_u32(&message.header, IFLA_GROUP, group);
    return rtnl_request(rtnl, &message.header, what, error);
}
