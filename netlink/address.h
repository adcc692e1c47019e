/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Addresses of links: ip-address(8), net/ipv4/devinet.c, net/ipv6/addrconf.c.
 *
 * The kernel removes an address when its valid lifetime ends, whoever set it: so an address on a
 * tap is a binding that needs no process to run out.
 */
#pragma once

#include "wire/ip.h"
#include "netlink/rtnl.h"

#include <linux/if_addr.h>

#define ADDRESS_FOREVER G_MAXUINT32

typedef struct {
    IpAddress ip;
    guint8 prefix_length; /* bits: 32 and 128 for a binding */
    guint8 scope;         /* RT_SCOPE_*; for IPv6 the kernel knows better */
    guint8 protocol;      /* IFA_PROTO: who set it; 0 when unset, and on kernels before 5.18 */
    guint32 ifindex;
    guint32 flags;       /* IFA_F_* */
    guint32 preferred_s; /* seconds left; 0: not to be chosen as a source */
    guint32 valid_s;     /* seconds left, at least 1, or ADDRESS_FOREVER */
} Address;

/* A /32 or /128 of a tap: IFA_F_NODAD for IPv6, since the guest does that itself. */
Address address_binding(const IpAddress *ip, guint32 ifindex, guint32 valid_s);

typedef enum {
    ADDRESS_NEW,     /* EEXIST when the link has it already */
    ADDRESS_REPLACE, /* then its lifetimes and flags are changed */
} AddressAdd;

/* EADDRINUSE: a sibling of an ipvlan kind holds it. The kernel asks no one else: the host's own
 * addresses and those of other parents are for the caller to refuse. */
bool address_add(Rtnl *rtnl, const Address *address, AddressAdd how, GError **error);
/* EADDRNOTAVAIL when the link does not have it. */
bool address_delete(Rtnl *rtnl, const Address *address, GError **error);

/* Those of a link, or with 0 of all links of the netns; of Address, free with the array. */
GArray *address_list(Rtnl *rtnl, guint32 ifindex, GError **error);

/* The pure part: reads one RTM_NEWADDR or RTM_DELADDR. False with errno ENOMSG when it speaks of
 * no IP address, and EBADMSG or another when it is malformed. */
bool address_parse(const struct nlmsghdr *message, Address *addressp);
