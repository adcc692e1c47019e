/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * An IPv4 or IPv6 address as a value, and its way into and out of netlink attributes.
 */
#pragma once

#include <arpa/inet.h>
#include <glib.h>
#include <libmnl/libmnl.h>
#include <stdbool.h>

typedef struct {
    guint8 family;    /* AF_INET, AF_INET6, or AF_UNSPEC: none */
    guint8 bytes[16]; /* in network order; those that the family does not use are 0 */
} IpAddress;

/* 4 or 16; 0 for any other family. */
size_t ip_size(guint8 family);

/* The family must be one of the two. `bytes` has the size of the family. */
IpAddress ip_make(guint8 family, const guint8 *bytes);
bool ip_equal(const IpAddress *a, const IpAddress *b);

/* As inet_ntop(3) and inet_pton(3) do; AF_UNSPEC is written as "none". */
void ip_format(const IpAddress *ip, char text[static INET6_ADDRSTRLEN]);
bool ip_parse(const char *text, IpAddress *ipp);

void ip_put(struct nlmsghdr *header, guint16 attribute, const IpAddress *ip);
/* libmnl's convention: MNL_CB_ERROR with errno set when the size is not that of the family. */
int ip_read(const struct nlattr *attribute, guint8 family, IpAddress *ipp);
