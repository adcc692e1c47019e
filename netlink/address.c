/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Setting, deleting and reading addresses.
 *
 * Lifetimes are always sent, also the endless one: a replacement without them would leave an
 * IPv4 address with the old ones.
 */
#include "netlink/address.h"

#include "netlink/ip-attribute.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

/* Since Linux 5.18; older headers and kernels know nothing of it, and skip it. */
#define IFA_PROTO_ATTRIBUTE 11

Address address_binding(const IpAddress *ip, guint32 ifindex, guint32 valid_s)
{
    return (Address){
        .ip = *ip,
        .prefix_length = (guint8)(8 * ip_size(ip->family)),
        .ifindex = ifindex,
        .flags = ip->family == AF_INET6 ? IFA_F_NODAD : 0,
        .preferred_s = valid_s,
        .valid_s = valid_s,
    };
}

static void address_message(RtnlMessage *message, guint16 type, guint16 flags,
                            const Address *address)
{
    struct ifaddrmsg *header = rtnl_message_init(message, type, flags, sizeof *header);

    header->ifa_family = address->ip.family;
    header->ifa_prefixlen = address->prefix_length;
    header->ifa_scope = address->scope;
    header->ifa_index = address->ifindex;
    ip_put(&message->header, IFA_LOCAL, &address->ip);
    ip_put(&message->header, IFA_ADDRESS, &address->ip); /* of the peer, which is the same */
}

static char *sentence(const char *verb, const Address *address)
{
    char text[INET6_ADDRSTRLEN];

    ip_format(&address->ip, text);
    return g_strdup_printf("cannot %s address %s/%u of link %u", verb, text, address->prefix_length,
                           address->ifindex);
}

bool address_add(Rtnl *rtnl, const Address *address, AddressAdd how, GError **error)
{
    g_autofree char *what = sentence("set", address);
    const struct ifa_cacheinfo lifetimes = {.ifa_prefered = address->preferred_s,
                                            .ifa_valid = address->valid_s};
    RtnlMessage message;

    address_message(&message, RTM_NEWADDR,
                    NLM_F_CREATE | (how == ADDRESS_REPLACE ? NLM_F_REPLACE : NLM_F_EXCL), address);
    mnl_attr_put_u32(&message.header, IFA_FLAGS, address->flags);
    mnl_attr_put(&message.header, IFA_CACHEINFO, sizeof lifetimes, &lifetimes);
    if (address->protocol != 0)
        mnl_attr_put_u8(&message.header, IFA_PROTO_ATTRIBUTE, address->protocol);
    return rtnl_request(rtnl, &message.header, what, error);
}

bool address_delete(Rtnl *rtnl, const Address *address, GError **error)
{
    g_autofree char *what = sentence("delete", address);
    RtnlMessage message;

    address_message(&message, RTM_DELADDR, 0, address);
    return rtnl_request(rtnl, &message.header, what, error);
}

/* An address while its attributes are read. */
typedef struct {
    Address address;
    IpAddress local;  /* IFA_LOCAL */
    IpAddress remote; /* IFA_ADDRESS: on a point-to-point link the other end's, else the same */
} Reading;

static int address_attribute(const struct nlattr *attribute, void *data)
{
    Reading *reading = data;
    Address *address = &reading->address;
    struct ifa_cacheinfo lifetimes;

    switch (mnl_attr_get_type(attribute)) {
    case IFA_LOCAL:
        return ip_read(attribute, address->ip.family, &reading->local);
    case IFA_ADDRESS:
        return ip_read(attribute, address->ip.family, &reading->remote);
    case IFA_FLAGS: /* 32 bits, of which the header has room for 8 */
        if (mnl_attr_validate(attribute, MNL_TYPE_U32) < 0)
            return MNL_CB_ERROR;
        address->flags = mnl_attr_get_u32(attribute);
        return MNL_CB_OK;
    case IFA_CACHEINFO:
        if (mnl_attr_validate2(attribute, MNL_TYPE_UNSPEC, sizeof lifetimes) < 0)
            return MNL_CB_ERROR;
        memcpy(&lifetimes, mnl_attr_get_payload(attribute), sizeof lifetimes);
        address->preferred_s = lifetimes.ifa_prefered;
        address->valid_s = lifetimes.ifa_valid;
        return MNL_CB_OK;
    case IFA_PROTO_ATTRIBUTE:
        if (mnl_attr_validate(attribute, MNL_TYPE_U8) < 0)
            return MNL_CB_ERROR;
        address->protocol = mnl_attr_get_u8(attribute);
        return MNL_CB_OK;
    default:
        return MNL_CB_OK;
    }
}

bool address_parse(const struct nlmsghdr *message, Address *addressp)
{
    const struct ifaddrmsg *header = mnl_nlmsg_get_payload(message);
    Reading reading;

    errno = EBADMSG;
    if ((message->nlmsg_type != RTM_NEWADDR && message->nlmsg_type != RTM_DELADDR) ||
        mnl_nlmsg_get_payload_len(message) < sizeof *header)
        return false;
    if (ip_size(header->ifa_family) == 0) {
        errno = ENOMSG;
        return false;
    }
    reading = (Reading){.address = {
                            .ip.family = header->ifa_family,
                            .prefix_length = header->ifa_prefixlen,
                            .scope = header->ifa_scope,
                            .ifindex = header->ifa_index,
                            .flags = header->ifa_flags,
                            .preferred_s = ADDRESS_FOREVER,
                            .valid_s = ADDRESS_FOREVER,
                        }};
    if (mnl_attr_parse(message, sizeof *header, address_attribute, &reading) < 0)
        return false;
    reading.address.ip = reading.local.family != AF_UNSPEC ? reading.local : reading.remote;
    if (reading.address.ip.family == AF_UNSPEC) {
        errno = EBADMSG;
        return false;
    }
    /* Of an endless IPv4 address that must not be chosen, the kernel says that it is preferred for
     * ever, and deprecated. */
    if (reading.address.flags & IFA_F_DEPRECATED)
        reading.address.preferred_s = 0;
    *addressp = reading.address;
    return true;
}

typedef struct {
    GArray *addresses;
    guint32 ifindex;
} Listing;

static int take_each(const struct nlmsghdr *message, void *data)
{
    Listing *listing = data;
    Address address;

    if (!address_parse(message, &address))
        return errno == ENOMSG ? MNL_CB_OK : MNL_CB_ERROR;
    if (listing->ifindex == 0 || listing->ifindex == address.ifindex)
        g_array_append_val(listing->addresses, address);
    return MNL_CB_OK;
}

static void forget_all(void *data)
{
    g_array_set_size(((Listing *)data)->addresses, 0);
}

GArray *address_list(Rtnl *rtnl, guint32 ifindex, GError **error)
{
    g_autoptr(GArray) addresses = g_array_new(FALSE, FALSE, sizeof(Address));
    Listing listing = {.addresses = addresses, .ifindex = ifindex};
    RtnlMessage message;
    struct ifaddrmsg *header = rtnl_message_init(&message, RTM_GETADDR, 0, sizeof *header);

    header->ifa_index = ifindex;
    if (!rtnl_dump(rtnl, &message.header, take_each, forget_all, &listing, "cannot list addresses",
                   error))
        return NULL;
    return g_steal_pointer(&addresses);
}
