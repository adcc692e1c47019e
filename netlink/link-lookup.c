/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Reading links: one by ifindex or name, or all of a netns.
 *
 * One callback per nest level (message, IFLA_LINKINFO), each checking the type and size of what
 * it takes; attributes of no interest here pass unread. Statistics are not asked for: they are
 * most of what the kernel would send.
 */
#include "netlink/link.h"

#include <errno.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>

#define ALTNAME_SIZE 128 /* ALTIFNAMSIZ, the NUL counted */

void link_free(Link *link)
{
    if (!link)
        return;
    g_free(link->alias);
    g_free(link);
}

static int read_u32(const struct nlattr *attribute, guint32 *valuep)
{
    if (mnl_attr_validate(attribute, MNL_TYPE_U32) < 0)
        return MNL_CB_ERROR;
    *valuep = mnl_attr_get_u32(attribute);
    return MNL_CB_OK;
}

static int read_u8(const struct nlattr *attribute, guint8 *valuep)
{
    if (mnl_attr_validate(attribute, MNL_TYPE_U8) < 0)
        return MNL_CB_ERROR;
    *valuep = mnl_attr_get_u8(attribute);
    return MNL_CB_OK;
}

static int read_text(const struct nlattr *attribute, char *text, size_t size)
{
    if (mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) < 0)
        return MNL_CB_ERROR;
    g_strlcpy(text, mnl_attr_get_str(attribute), size);
    return MNL_CB_OK;
}

static int linkinfo_attribute(const struct nlattr *attribute, void *data)
{
    Link *link = data;

    if (mnl_attr_get_type(attribute) == IFLA_INFO_KIND)
        return read_text(attribute, link->kind, sizeof link->kind);
    return MNL_CB_OK;
}

static int link_attribute(const struct nlattr *attribute, void *data)
{
    Link *link = data;
    guint8 carrier;

    switch (mnl_attr_get_type(attribute)) {
    case IFLA_IFNAME:
        return read_text(attribute, link->name, sizeof link->name);
    case IFLA_LINK:
        return read_u32(attribute, &link->parent);
    case IFLA_MASTER:
        return read_u32(attribute, &link->controller);
    case IFLA_MTU:
        return read_u32(attribute, &link->mtu);
    case IFLA_GROUP:
        return read_u32(attribute, &link->group);
    case IFLA_OPERSTATE:
        return read_u8(attribute, &link->operstate);
    case IFLA_CARRIER:
        if (read_u8(attribute, &carrier) != MNL_CB_OK)
            return MNL_CB_ERROR;
        link->carrier = carrier != 0;
        return MNL_CB_OK;
    case IFLA_ADDRESS: /* of other sizes on other media */
        if (link->arphrd == ARPHRD_ETHER && mnl_attr_get_payload_len(attribute) == HWADDR_SIZE) {
            memcpy(link->hwaddr, mnl_attr_get_payload(attribute), HWADDR_SIZE);
            link->hwaddr_size = HWADDR_SIZE;
        }
        return MNL_CB_OK;
    case IFLA_IFALIAS:
        if (mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) < 0)
            return MNL_CB_ERROR;
        g_free(link->alias);
        link->alias = g_strdup(mnl_attr_get_str(attribute));
        return MNL_CB_OK;
    case IFLA_LINKINFO:
        if (mnl_attr_validate(attribute, MNL_TYPE_NESTED) < 0)
            return MNL_CB_ERROR;
        return mnl_attr_parse_nested(attribute, linkinfo_attribute, link);
    case IFLA_WIRELESS: /* news of a driver's, with little else in the message */
        errno = ENOMSG;
        return MNL_CB_ERROR;
    default:
        return MNL_CB_OK;
    }
}

Link *link_parse(const struct nlmsghdr *message)
{
    g_autoptr(Link) link = NULL;
    const struct ifinfomsg *info = mnl_nlmsg_get_payload(message);

    errno = EBADMSG;
    if ((message->nlmsg_type != RTM_NEWLINK && message->nlmsg_type != RTM_DELLINK) ||
        mnl_nlmsg_get_payload_len(message) < sizeof *info || info->ifi_index <= 0)
        return NULL;
    if (info->ifi_family != AF_UNSPEC) { /* a bridge says that a port left it, with RTM_DELLINK */
        errno = ENOMSG;
        return NULL;
    }
    link = g_new0(Link, 1);
    link->ifindex = (guint32)info->ifi_index;
    link->flags = info->ifi_flags;
    link->arphrd = info->ifi_type;
    if (mnl_attr_parse(message, sizeof *info, link_attribute, link) < 0)
        return NULL;
    return g_steal_pointer(&link);
}

static void lookup_message(RtnlMessage *message, guint32 ifindex)
{
    struct ifinfomsg *info = rtnl_message_init(message, RTM_GETLINK, 0, sizeof *info);

    info->ifi_family = AF_UNSPEC;
    info->ifi_index = (int)ifindex;
    mnl_attr_put_u32(&message->header, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
}

static int take_one(const struct nlmsghdr *message, void *data)
{
    Link **linkp = data;

    link_free(*linkp);
    *linkp = link_parse(message);
    return *linkp ? MNL_CB_OK : MNL_CB_ERROR;
}

static Link *lookup(Rtnl *rtnl, RtnlMessage *message, const char *what, GError **error)
{
    g_autoptr(Link) link = NULL;

    if (!rtnl_query(rtnl, &message->header, take_one, &link, what, error))
        return NULL;
    if (!link) {
        g_set_error(error, RTNL_ERROR, ENODEV, "%s: %s", what, g_strerror(ENODEV));
        return NULL;
    }
    return g_steal_pointer(&link);
}

Link *link_get(Rtnl *rtnl, guint32 ifindex, GError **error)
{
    g_autofree char *what = g_strdup_printf("cannot look up link %u", ifindex);
    RtnlMessage message;

    lookup_message(&message, ifindex);
    return lookup(rtnl, &message, what, error);
}

Link *link_get_by_name(Rtnl *rtnl, const char *name, GError **error)
{
    g_autofree char *what = g_strdup_printf("cannot look up link %s", name);
    RtnlMessage message;

    if (name[0] == '\0' || strlen(name) >= ALTNAME_SIZE) { /* no link can have this name */
        g_set_error(error, RTNL_ERROR, ENODEV, "%s: %s", what, g_strerror(ENODEV));
        return NULL;
    }
    lookup_message(&message, 0);
    mnl_attr_put_strz(&message.header, strlen(name) < IFNAMSIZ ? IFLA_IFNAME : IFLA_ALT_IFNAME,
                      name);
    return lookup(rtnl, &message, what, error);
}

static int take_each(const struct nlmsghdr *message, void *data)
{
    GPtrArray *links = data;
    Link *link = link_parse(message);

    if (!link)
        return MNL_CB_ERROR;
    g_ptr_array_add(links, link);
    return MNL_CB_OK;
}

static void forget_all(void *data)
{
    g_ptr_array_set_size(data, 0);
}

GPtrArray *link_list(Rtnl *rtnl, GError **error)
{
    g_autoptr(GPtrArray) links = g_ptr_array_new_with_free_func((GDestroyNotify)link_free);
    RtnlMessage message;

    lookup_message(&message, 0);
    if (!rtnl_dump(rtnl, &message.header, take_each, forget_all, links, "cannot list links", error))
        return NULL;
    return g_steal_pointer(&links);
}
