/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The way of an IP address into and out of netlink attributes.
 */
#pragma once

#include "wire/ip.h"

#include <glib.h>
#include <libmnl/libmnl.h>

void ip_put(struct nlmsghdr *header, guint16 attribute, const IpAddress *ip);
/* libmnl's convention: MNL_CB_ERROR with errno set when the size is not that of the family. */
int ip_read(const struct nlattr *attribute, guint8 family, IpAddress *ipp);
