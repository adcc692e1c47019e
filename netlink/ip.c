/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The value type of ip.h. Unused bytes are kept at zero, so that values compare and hash whole.
 */
#include "netlink/ip.h"

#include <errno.h>
#include <string.h>

size_t ip_size(guint8 family)
{
    return family == AF_INET ? 4 : family == AF_INET6 ? 16 : 0;
}

IpAddress ip_make(guint8 family, const guint8 *bytes)
{
    IpAddress ip = {.family = family};

    g_assert(ip_size(family) > 0);
    memcpy(ip.bytes, bytes, ip_size(family));
    return ip;
}

bool ip_equal(const IpAddress *a, const IpAddress *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

void ip_format(const IpAddress *ip, char text[static INET6_ADDRSTRLEN])
{
    if (ip_size(ip->family) == 0 || !inet_ntop(ip->family, ip->bytes, text, INET6_ADDRSTRLEN))
        g_strlcpy(text, "none", INET6_ADDRSTRLEN);
}

bool ip_parse(const char *text, IpAddress *ipp)
{
    IpAddress ip = {.family = strchr(text, ':') ? AF_INET6 : AF_INET};

    if (inet_pton(ip.family, text, ip.bytes) != 1)
        return false;
    *ipp = ip;
    return true;
}

void ip_put(struct nlmsghdr *header, guint16 attribute, const IpAddress *ip)
{
    g_assert(ip_size(ip->family) > 0);
    mnl_attr_put(header, attribute, ip_size(ip->family), ip->bytes);
}

int ip_read(const struct nlattr *attribute, guint8 family, IpAddress *ipp)
{
    size_t size = ip_size(family);

    if (size == 0 || mnl_attr_get_payload_len(attribute) != size) {
        errno = EBADMSG;
        return MNL_CB_ERROR;
    }
    *ipp = ip_make(family, mnl_attr_get_payload(attribute));
    return MNL_CB_OK;
}
