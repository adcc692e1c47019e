/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * `ip route get`: the kernel's own decision, which no listing of tables can foretell.
 */
#include "netlink/route.h"

#include "netlink/ip-attribute.h"

#include <errno.h>

typedef struct {
    Route route;
    guint8 family;
} Reading;

static int route_attribute(const struct nlattr *attribute, void *data)
{
    Reading *reading = data;

    switch (mnl_attr_get_type(attribute)) {
    case RTA_OIF:
        if (mnl_attr_validate(attribute, MNL_TYPE_U32) < 0)
            return MNL_CB_ERROR;
        reading->route.ifindex = mnl_attr_get_u32(attribute);
        return MNL_CB_OK;
    case RTA_GATEWAY:
        return ip_read(attribute, reading->family, &reading->route.gateway);
    case RTA_VIA: /* of the other family: that there is one is enough */
        reading->route.gateway.family = reading->family == AF_INET ? AF_INET6 : AF_INET;
        return MNL_CB_OK;
    default:
        return MNL_CB_OK;
    }
}

static int take_route(const struct nlmsghdr *message, void *data)
{
    const struct rtmsg *header = mnl_nlmsg_get_payload(message);
    Reading *reading = data;

    errno = EBADMSG;
    if (message->nlmsg_type != RTM_NEWROUTE ||
        mnl_nlmsg_get_payload_len(message) < sizeof *header ||
        header->rtm_family != reading->family)
        return MNL_CB_ERROR;
    reading->route.type = header->rtm_type;
    return mnl_attr_parse(message, sizeof *header, route_attribute, reading) < 0 ? MNL_CB_ERROR
                                                                                 : MNL_CB_OK;
}

bool route_lookup(Rtnl *rtnl, const IpAddress *ip, Route *routep, GError **error)
{
    Reading reading = {.family = ip->family};
    char text[IP_TEXT_SIZE];
    g_autofree char *what = NULL;
    RtnlMessage message;
    struct rtmsg *header = rtnl_message_init(&message, RTM_GETROUTE, 0, sizeof *header);

    ip_format(ip, text);
    what = g_strdup_printf("no way to %s", text);
    header->rtm_family = ip->family;
    header->rtm_dst_len = (guint8)(8 * ip_size(ip->family));
    ip_put(&message.header, RTA_DST, ip);
    if (!rtnl_query(rtnl, &message.header, take_route, &reading, what, error))
        return false;
    reading.route.destination = *ip;
    reading.route.prefix_length = header->rtm_dst_len;
    *routep = reading.route;
    return true;
}
