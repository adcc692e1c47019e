/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Neighbour entries. All three sorts are RTM_NEWNEIGH; the family and the flags tell them apart.
 */
#include "netlink/neighbour.h"

#include "netlink/ip-attribute.h"

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

static struct ndmsg *neighbour_message(RtnlMessage *message, guint16 type, guint16 flags,
                                       guint8 family, guint32 ifindex)
{
    struct ndmsg *header = rtnl_message_init(message, type, flags, sizeof *header);

    header->ndm_family = family;
    header->ndm_ifindex = (int)ifindex;
    return header;
}

static char *sentence(const char *verb, const IpAddress *ip, guint32 ifindex)
{
    char text[INET6_ADDRSTRLEN];

    ip_format(ip, text);
    return g_strdup_printf("cannot %s %s of link %u", verb, text, ifindex);
}

bool neighbour_add(Rtnl *rtnl, guint32 ifindex, const IpAddress *ip,
                   const guint8 hwaddr[static HWADDR_SIZE], GError **error)
{
    g_autofree char *what = sentence("set neighbour", ip, ifindex);
    RtnlMessage message;
    struct ndmsg *header = neighbour_message(&message, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE,
                                             ip->family, ifindex);

    header->ndm_state = NUD_PERMANENT;
    ip_put(&message.header, NDA_DST, ip);
    mnl_attr_put(&message.header, NDA_LLADDR, HWADDR_SIZE, hwaddr);
    mnl_attr_put_u8(&message.header, NDA_PROTOCOL, NEIGHBOUR_PROTOCOL);
    return rtnl_request(rtnl, &message.header, what, error);
}

bool neighbour_verify(Rtnl *rtnl, guint32 ifindex, const IpAddress *ip, GError **error)
{
    g_autofree char *what = sentence("verify neighbour", ip, ifindex);
    RtnlMessage message;
    struct ndmsg *header = neighbour_message(&message, RTM_NEWNEIGH, 0, ip->family, ifindex);

    header->ndm_flags = NTF_USE;
    ip_put(&message.header, NDA_DST, ip);
    return rtnl_request(rtnl, &message.header, what, error);
}

bool neighbour_delete(Rtnl *rtnl, guint32 ifindex, const IpAddress *ip, GError **error)
{
    g_autofree char *what = sentence("delete neighbour", ip, ifindex);
    RtnlMessage message;

    neighbour_message(&message, RTM_DELNEIGH, 0, ip->family, ifindex);
    ip_put(&message.header, NDA_DST, ip);
    return rtnl_request(rtnl, &message.header, what, error);
}

static bool change_proxy(Rtnl *rtnl, guint16 type, guint16 flags, guint32 ifindex,
                         const IpAddress *ip, const char *verb, GError **error)
{
    g_autofree char *what = sentence(verb, ip, ifindex);
    RtnlMessage message;
    struct ndmsg *header = neighbour_message(&message, type, flags, ip->family, ifindex);

    header->ndm_flags = NTF_PROXY;
    ip_put(&message.header, NDA_DST, ip);
    return rtnl_request(rtnl, &message.header, what, error);
}

bool neighbour_add_proxy(Rtnl *rtnl, guint32 ifindex, const IpAddress *ip, GError **error)
{
    return change_proxy(rtnl, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, ifindex, ip, "set proxy",
                        error);
}

bool neighbour_delete_proxy(Rtnl *rtnl, guint32 ifindex, const IpAddress *ip, GError **error)
{
    return change_proxy(rtnl, RTM_DELNEIGH, 0, ifindex, ip, "delete proxy", error);
}

static bool change_filter(Rtnl *rtnl, guint16 type, guint16 flags, guint32 ifindex,
                          const guint8 *hwaddr, const char *verb, GError **error)
{
    char text[HWADDR_TEXT_SIZE];
    g_autofree char *what = NULL;
    RtnlMessage message;
    struct ndmsg *header = neighbour_message(&message, type, flags, PF_BRIDGE, ifindex);

    hwaddr_format(hwaddr, text);
    what = g_strdup_printf("cannot %s %s %s the unicast filter of link %u", verb, text,
                           type == RTM_NEWNEIGH ? "to" : "from", ifindex);
    header->ndm_flags = NTF_SELF;
    header->ndm_state = NUD_PERMANENT;
    mnl_attr_put(&message.header, NDA_LLADDR, HWADDR_SIZE, hwaddr);
    return rtnl_request(rtnl, &message.header, what, error);
}

bool neighbour_add_filter(Rtnl *rtnl, guint32 ifindex, const guint8 hwaddr[static HWADDR_SIZE],
                          GError **error)
{
    return change_filter(rtnl, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_EXCL, ifindex, hwaddr, "add",
                         error);
}

bool neighbour_delete_filter(Rtnl *rtnl, guint32 ifindex, const guint8 hwaddr[static HWADDR_SIZE],
                             GError **error)
{
    return change_filter(rtnl, RTM_DELNEIGH, 0, ifindex, hwaddr, "delete", error);
}
