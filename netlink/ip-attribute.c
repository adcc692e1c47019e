/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "netlink/ip-attribute.h"

#include <errno.h>

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
