/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Each nest level of attributes has a callback of its own, which checks type and size before it
 * reads; an attribute that is not as expected is as good as missing.
 */
#include "netlink/link.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

/* A request is a few attributes, the longest an alias of 255 bytes. */
#define REQUEST_SIZE 1024

void link_free(Link *link)
{
    g_free(link->alias);
    g_free(link);
}

static struct nlmsghdr *start_request(char *buffer, guint16 type, guint16 flags, guint32 ifindex)
{
    struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
    struct ifinfomsg *info = mnl_nlmsg_put_extra_header(message, sizeof(*info));

    message->nlmsg_type = type;
    message->nlmsg_flags = flags;
    info->ifi_family = AF_UNSPEC;
    info->ifi_index = (int)ifindex;
    return message;
}

static void change_flags(struct nlmsghdr *message, guint32 flags)
{
    struct ifinfomsg *info = mnl_nlmsg_get_payload(message);

    info->ifi_flags = flags;
    info->ifi_change = flags;
}

static void put_mode(struct nlmsghdr *message, DeviceType type, LinkMode mode)
{
    gboolean is_private = mode == LINK_MODE_PRIVATE;

    if (type & (DEVICE_IPVTAP | DEVICE_IPVLAN)) {
        mnl_attr_put_u16(message, IFLA_IPVLAN_MODE, IPVLAN_MODE_L2);
        mnl_attr_put_u16(message, IFLA_IPVLAN_FLAGS, is_private ? IPVLAN_F_PRIVATE : 0);
    } else {
        mnl_attr_put_u32(message, IFLA_MACVLAN_MODE,
                         is_private ? MACVLAN_MODE_PRIVATE : MACVLAN_MODE_BRIDGE);
    }
}

bool link_create(Rtnl *rtnl, const LinkSpec *spec, GError **error)
{
    char buffer[REQUEST_SIZE];
    g_autofree char *what = g_strdup_printf("cannot create %s", spec->name);
    struct nlmsghdr *message =
        start_request(buffer, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, spec->ifindex);

    change_flags(message, IFF_UP | IFF_ALLMULTI);
    mnl_attr_put_strz(message, IFLA_IFNAME, spec->name);
    mnl_attr_put_u32(message, IFLA_LINK, spec->parent);
    if (spec->netns >= 0)
        mnl_attr_put_u32(message, IFLA_NET_NS_FD, (guint32)spec->netns);
    if (spec->hwaddr != NULL)
        mnl_attr_put(message, IFLA_ADDRESS, HWADDR_SIZE, spec->hwaddr);

    struct nlattr *link_info = mnl_attr_nest_start(message, IFLA_LINKINFO);
    mnl_attr_put_str(message, IFLA_INFO_KIND, device_type_text(spec->type));
    struct nlattr *data = mnl_attr_nest_start(message, IFLA_INFO_DATA);
    put_mode(message, spec->type, spec->mode);
    mnl_attr_nest_end(message, data);
    mnl_attr_nest_end(message, link_info);
    return rtnl_request(rtnl, message, what, error);
}

bool link_settle(Rtnl *rtnl, guint32 ifindex, const char *alias, GError **error)
{
    char buffer[REQUEST_SIZE];
    struct nlmsghdr *message = start_request(buffer, RTM_SETLINK, 0, ifindex);

    change_flags(message, IFF_NOARP);
    if (!mnl_attr_put_str_check(message, sizeof(buffer), IFLA_IFALIAS, alias)) {
        g_set_error(error, RTNL_ERROR, EMSGSIZE, "the alias of a link is too long: %s", alias);
        return false;
    }
    return rtnl_request(rtnl, message, "cannot set up the new device", error);
}

bool link_set_up(Rtnl *rtnl, guint32 ifindex, GError **error)
{
    char buffer[REQUEST_SIZE];
    struct nlmsghdr *message = start_request(buffer, RTM_SETLINK, 0, ifindex);

    change_flags(message, IFF_UP);
    return rtnl_request(rtnl, message, "cannot set a link up", error);
}

bool link_delete(Rtnl *rtnl, guint32 ifindex, GError **error)
{
    char buffer[REQUEST_SIZE];

    return rtnl_request(rtnl, start_request(buffer, RTM_DELLINK, 0, ifindex),
                        "cannot delete a link", error);
}

static int read_link_info(const struct nlattr *attribute, void *data)
{
    Link *link = data;

    if (mnl_attr_get_type(attribute) == IFLA_INFO_KIND &&
        mnl_attr_validate(attribute, MNL_TYPE_STRING) >= 0)
        g_strlcpy(link->kind, mnl_attr_get_str(attribute),
                  MIN(sizeof(link->kind), mnl_attr_get_payload_len(attribute) + 1u));
    return MNL_CB_OK;
}

static void read_text(const struct nlattr *attribute, char *text, gsize size)
{
    if (mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) >= 0)
        g_strlcpy(text, mnl_attr_get_str(attribute), size);
}

static void read_u32(const struct nlattr *attribute, guint32 *valuep)
{
    if (mnl_attr_validate(attribute, MNL_TYPE_U32) >= 0)
        *valuep = mnl_attr_get_u32(attribute);
}

static void read_u8(const struct nlattr *attribute, guint8 *valuep)
{
    if (mnl_attr_validate(attribute, MNL_TYPE_U8) >= 0)
        *valuep = mnl_attr_get_u8(attribute);
}

static void read_hwaddr(const struct nlattr *attribute, Link *link)
{
    if (mnl_attr_get_payload_len(attribute) != HWADDR_SIZE)
        return;
    memcpy(link->hwaddr, mnl_attr_get_payload(attribute), HWADDR_SIZE);
    link->hwaddr_size = HWADDR_SIZE;
}

static int read_attribute(const struct nlattr *attribute, void *data)
{
    Link *link = data;
    guint8 carrier = 0;

    switch (mnl_attr_get_type(attribute)) {
    case IFLA_IFNAME:
        read_text(attribute, link->name, sizeof(link->name));
        break;
    case IFLA_IFALIAS:
        if (mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) >= 0 && link->alias == NULL)
            link->alias = g_strdup(mnl_attr_get_str(attribute));
        break;
    case IFLA_LINK:
        read_u32(attribute, &link->parent);
        break;
    case IFLA_MASTER:
        read_u32(attribute, &link->controller);
        break;
    case IFLA_MTU:
        read_u32(attribute, &link->mtu);
        break;
    case IFLA_ADDRESS:
        read_hwaddr(attribute, link);
        break;
    case IFLA_OPERSTATE:
        read_u8(attribute, &link->operstate);
        break;
    case IFLA_CARRIER:
        read_u8(attribute, &carrier);
        link->carrier = carrier != 0;
        break;
    case IFLA_LINKINFO:
        if (mnl_attr_validate(attribute, MNL_TYPE_NESTED) >= 0)
            mnl_attr_parse_nested(attribute, read_link_info, link);
        break;
    default:
        break;
    }
    return MNL_CB_OK;
}

/* NULL when the message is not a link's. */
static Link *link_read(const struct nlmsghdr *message)
{
    const struct ifinfomsg *info = mnl_nlmsg_get_payload(message);

    if (message->nlmsg_type != RTM_NEWLINK || mnl_nlmsg_get_payload_len(message) < sizeof(*info) ||
        info->ifi_index <= 0)
        return NULL;

    Link *link = g_new0(Link, 1);
    link->ifindex = (guint32)info->ifi_index;
    link->flags = info->ifi_flags;
    link->arphrd = info->ifi_type;
    mnl_attr_parse(message, sizeof(*info), read_attribute, link);
    return link;
}

static int keep_link(const struct nlmsghdr *message, void *data)
{
    Link **linkp = data;

    if (*linkp == NULL)
        *linkp = link_read(message);
    return *linkp != NULL ? MNL_CB_OK : MNL_CB_ERROR;
}

static Link *query_link(Rtnl *rtnl, struct nlmsghdr *message, const char *what, GError **error)
{
    g_autoptr(Link) link = NULL;

    if (!rtnl_query(rtnl, message, keep_link, &link, what, error))
        return NULL;
    if (link == NULL)
        g_set_error(error, RTNL_ERROR, EBADMSG, "%s: the kernel did not answer", what);
    return g_steal_pointer(&link);
}

Link *link_get(Rtnl *rtnl, guint32 ifindex, GError **error)
{
    char buffer[REQUEST_SIZE];
    g_autofree char *what = g_strdup_printf("cannot look up interface %u", ifindex);

    return query_link(rtnl, start_request(buffer, RTM_GETLINK, 0, ifindex), what, error);
}

Link *link_get_by_name(Rtnl *rtnl, const char *name, GError **error)
{
    char buffer[REQUEST_SIZE];
    struct nlmsghdr *message = start_request(buffer, RTM_GETLINK, 0, 0);
    g_autofree char *what = g_strdup_printf("cannot look up interface %s", name);

    if (!mnl_attr_put_strz_check(message, sizeof(buffer), IFLA_IFNAME, name)) {
        g_set_error(error, RTNL_ERROR, ENODEV, "%s: the name is too long", what);
        return NULL;
    }
    return query_link(rtnl, message, what, error);
}

static int add_link(const struct nlmsghdr *message, void *data)
{
    Link *link = link_read(message);

    if (link != NULL)
        g_ptr_array_add(data, link);
    return MNL_CB_OK;
}

static void forget_links(void *data)
{
    g_ptr_array_set_size(data, 0);
}

static void free_link(gpointer link)
{
    link_free(link);
}

GPtrArray *link_list(Rtnl *rtnl, GError **error)
{
    g_autoptr(GPtrArray) links = g_ptr_array_new_with_free_func(free_link);
    char buffer[REQUEST_SIZE];
    struct nlmsghdr *message = start_request(buffer, RTM_GETLINK, 0, 0);

    if (!rtnl_dump(rtnl, message, add_link, forget_links, links, "cannot list the links", error))
        return NULL;
    return g_steal_pointer(&links);
}
