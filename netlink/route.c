/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Adding, deleting and reading routes.
 *
 * A route's next hop is told in three ways: RTA_GATEWAY with RTA_OIF, RTA_VIA when the gateway is
 * of the other family, or RTA_MULTIPATH, a row of next hops with attributes of their own. Readers
 * here get the same plain Route from all of them. (The kernel writes the hops of nexthop objects
 * out as well, unless the sysctl nexthop_compat_mode is off.)
 */
#include "netlink/route.h"

#include "netlink/ip-attribute.h"

#include <errno.h>
#include <string.h>

Route route_to_host(const IpAddress *ip, guint32 ifindex, const IpAddress *source)
{
    Route route = {
        .destination = *ip, .prefix_length = (guint8)(8 * ip_size(ip->family)), .ifindex = ifindex};

    if (source)
        route.source = *source;
    return route;
}

static struct rtmsg *route_message(RtnlMessage *message, guint16 type, guint16 flags,
                                   const Route *route)
{
    struct rtmsg *header = rtnl_message_init(message, type, flags, sizeof *header);

    header->rtm_family = route->destination.family;
    header->rtm_dst_len = route->prefix_length;
    header->rtm_protocol = route->protocol;
    header->rtm_type = route->type;
    if (route->prefix_length > 0)
        ip_put(&message->header, RTA_DST, &route->destination);
    mnl_attr_put_u32(&message->header, RTA_TABLE, route->table ? route->table : RT_TABLE_MAIN);
    if (route->ifindex != 0)
        mnl_attr_put_u32(&message->header, RTA_OIF, route->ifindex);
    if (route->source.family != AF_UNSPEC)
        ip_put(&message->header, RTA_PREFSRC, &route->source);
    if (route->gateway.family == route->destination.family) {
        ip_put(&message->header, RTA_GATEWAY, &route->gateway);
    } else if (route->gateway.family != AF_UNSPEC) {
        guint8 bytes[sizeof(struct rtvia) + 16];
        struct rtvia via = {.rtvia_family = route->gateway.family};
        size_t size = ip_size(route->gateway.family);

        memcpy(bytes, &via, sizeof via);
        memcpy(bytes + sizeof via, route->gateway.bytes, size);
        mnl_attr_put(&message->header, RTA_VIA, sizeof via + size, bytes);
    }
    return header;
}

static char *sentence(const char *verb, const Route *route)
{
    char text[INET6_ADDRSTRLEN];

    ip_format(&route->destination, text);
    return g_strdup_printf("cannot %s the route to %s/%u", verb, text, route->prefix_length);
}

bool route_add(Rtnl *rtnl, const Route *route, GError **error)
{
    g_autofree char *what = sentence("add", route);
    RtnlMessage message;
    struct rtmsg *header = route_message(&message, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, route);

    if (header->rtm_type == RTN_UNSPEC)
        header->rtm_type = RTN_UNICAST;
    /* IPv4 wants to know how far the next hop is. */
    header->rtm_scope = header->rtm_type == RTN_LOCAL        ? RT_SCOPE_HOST
                        : route->gateway.family == AF_UNSPEC ? RT_SCOPE_LINK
                                                             : RT_SCOPE_UNIVERSE;
    return rtnl_request(rtnl, &message.header, what, error);
}

bool route_delete(Rtnl *rtnl, const Route *route, GError **error)
{
    g_autofree char *what = sentence("delete", route);
    RtnlMessage message;
    struct rtmsg *header = route_message(&message, RTM_DELROUTE, 0, route);

    header->rtm_scope = RT_SCOPE_NOWHERE; /* any */
    return rtnl_request(rtnl, &message.header, what, error);
}

bool route_forget_multicast(Rtnl *rtnl, guint32 ifindex, GError **error)
{
    const Route multicast = {
        .destination = {.family = AF_INET6, .bytes = {0xff}},
        .prefix_length = 8,
        .ifindex = ifindex,
        .table = RT_TABLE_LOCAL,
    };
    g_autoptr(GError) failure = NULL;

    if (route_delete(rtnl, &multicast, &failure) || g_error_matches(failure, RTNL_ERROR, ESRCH) ||
        g_error_matches(failure, RTNL_ERROR, EAFNOSUPPORT))
        return true;
    g_propagate_error(error, g_steal_pointer(&failure));
    return false;
}

/* A route while its attributes are read. */
typedef struct {
    Route route;
    guint8 family;
    const struct nlattr *multipath;
} Reading;

static int read_u32(const struct nlattr *attribute, guint32 *valuep)
{
    if (mnl_attr_validate(attribute, MNL_TYPE_U32) < 0)
        return MNL_CB_ERROR;
    *valuep = mnl_attr_get_u32(attribute);
    return MNL_CB_OK;
}

static int read_via(const struct nlattr *attribute, IpAddress *ipp)
{
    size_t size = mnl_attr_get_payload_len(attribute);
    struct rtvia via;

    errno = EBADMSG;
    if (size < sizeof via)
        return MNL_CB_ERROR;
    memcpy(&via, mnl_attr_get_payload(attribute), sizeof via);
    if (via.rtvia_family > G_MAXUINT8 || ip_size((guint8)via.rtvia_family) == 0 ||
        size - sizeof via < ip_size((guint8)via.rtvia_family))
        return MNL_CB_ERROR;
    *ipp = ip_make((guint8)via.rtvia_family,
                   (const guint8 *)mnl_attr_get_payload(attribute) + sizeof via);
    return MNL_CB_OK;
}

/* What a route and each of its next hops may have. */
static int hop_attribute(const struct nlattr *attribute, void *data)
{
    Reading *reading = data;

    switch (mnl_attr_get_type(attribute)) {
    case RTA_GATEWAY:
        return ip_read(attribute, reading->family, &reading->route.gateway);
    case RTA_VIA:
        return read_via(attribute, &reading->route.gateway);
    default:
        return MNL_CB_OK;
    }
}

static int route_attribute(const struct nlattr *attribute, void *data)
{
    Reading *reading = data;

    switch (mnl_attr_get_type(attribute)) {
    case RTA_DST:
        return ip_read(attribute, reading->family, &reading->route.destination);
    case RTA_PREFSRC:
        return ip_read(attribute, reading->family, &reading->route.source);
    case RTA_OIF:
        return read_u32(attribute, &reading->route.ifindex);
    case RTA_TABLE: /* 32 bits, of which the header has room for 8 */
        return read_u32(attribute, &reading->route.table);
    case RTA_MULTIPATH:
        reading->multipath = attribute;
        return MNL_CB_OK;
    default:
        return hop_attribute(attribute, data);
    }
}

/* RTA_MULTIPATH: struct rtnexthop and its attributes, again and again. */
static bool read_hops(const Reading *whole, RouteFunc each, void *data)
{
    const guint8 *bytes = mnl_attr_get_payload(whole->multipath);
    size_t left = mnl_attr_get_payload_len(whole->multipath);

    while (left > 0) {
        Reading hop = *whole;
        struct rtnexthop header;
        size_t step;

        errno = EBADMSG;
        if (left < sizeof header)
            return false;
        memcpy(&header, bytes, sizeof header);
        if (header.rtnh_len < sizeof header || header.rtnh_len > left || header.rtnh_ifindex < 0)
            return false;
        hop.route.ifindex = (guint32)header.rtnh_ifindex;
        if (mnl_attr_parse_payload(bytes + sizeof header, header.rtnh_len - sizeof header,
                                   hop_attribute, &hop) < 0)
            return false;
        each(&hop.route, data);
        step = MIN(RTNH_ALIGN((size_t)header.rtnh_len), left);
        bytes += step;
        left -= step;
    }
    return true;
}

bool route_parse(const struct nlmsghdr *message, RouteFunc each, void *data)
{
    const struct rtmsg *header = mnl_nlmsg_get_payload(message);
    Reading reading;

    errno = EBADMSG;
    if ((message->nlmsg_type != RTM_NEWROUTE && message->nlmsg_type != RTM_DELROUTE) ||
        mnl_nlmsg_get_payload_len(message) < sizeof *header)
        return false;
    if (ip_size(header->rtm_family) == 0 || (header->rtm_flags & RTM_F_CLONED)) {
        errno = ENOMSG;
        return false;
    }
    reading = (Reading){
        .family = header->rtm_family,
        .route = {.destination.family = header->rtm_family,
                  .prefix_length = header->rtm_dst_len,
                  .table = header->rtm_table,
                  .protocol = header->rtm_protocol,
                  .type = header->rtm_type},
    };
    if (mnl_attr_parse(message, sizeof *header, route_attribute, &reading) < 0)
        return false;
    if (reading.multipath)
        return read_hops(&reading, each, data);
    each(&reading.route, data);
    return true;
}

typedef struct {
    GArray *routes;
    guint32 table;
    guint32 ifindex;
} Listing;

static void take_hop(const Route *route, void *data)
{
    Listing *listing = data;

    /* The kernel's filter takes a route whole when one hop of it matches. */
    if (route->table == listing->table &&
        (listing->ifindex == 0 || listing->ifindex == route->ifindex))
        g_array_append_val(listing->routes, *route);
}

static int take_each(const struct nlmsghdr *message, void *data)
{
    return route_parse(message, take_hop, data) || errno == ENOMSG ? MNL_CB_OK : MNL_CB_ERROR;
}

static void forget_all(void *data)
{
    g_array_set_size(((Listing *)data)->routes, 0);
}

GArray *route_list(Rtnl *rtnl, guint8 family, guint32 table, guint32 ifindex, GError **error)
{
    g_autoptr(GArray) routes = g_array_new(FALSE, FALSE, sizeof(Route));
    g_autoptr(GError) failure = NULL;
    Listing listing = {.routes = routes, .table = table, .ifindex = ifindex};
    RtnlMessage message;
    struct rtmsg *header = rtnl_message_init(&message, RTM_GETROUTE, 0, sizeof *header);

    header->rtm_family = family;
    mnl_attr_put_u32(&message.header, RTA_TABLE, table);
    if (ifindex != 0)
        mnl_attr_put_u32(&message.header, RTA_OIF, ifindex);
    /* ENOENT: nothing was ever put into this table. */
    if (!rtnl_dump(rtnl, &message.header, take_each, forget_all, &listing, "cannot list routes",
                   &failure) &&
        !g_error_matches(failure, RTNL_ERROR, ENOENT)) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return NULL;
    }
    return g_steal_pointer(&routes);
}
