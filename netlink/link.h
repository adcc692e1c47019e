/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Links: rtnetlink(7), ip-link(8), drivers/net/ipvlan and drivers/net/macvlan.c.
 */
#pragma once

#include "netlink/rtnl.h"
#include "wire/device.h"

#include <net/if.h>

typedef struct {
    guint32 ifindex;
    char name[IFNAMSIZ];
    char kind[16];      /* IFLA_INFO_KIND; "" for hardware and the loopback */
    guint32 parent;     /* IFLA_LINK: the parent's ifindex in its netns; 0 when none */
    guint32 controller; /* IFLA_MASTER: bridge or bond it is a port of; 0 when none */
    guint32 flags;      /* IFF_* */
    guint32 mtu;        /* bytes */
    guint16 arphrd;     /* ARPHRD_* */
    guint8 operstate;   /* IF_OPER_* */
    gboolean carrier;
    guint8 hwaddr[HWADDR_SIZE];
    guint8 hwaddr_size; /* 6, or 0 when the link has no Ethernet address */
    char *alias;        /* IFLA_IFALIAS, NULL when none */
} Link;

void link_free(Link *link);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Link, link_free)

/* How siblings reach each other. Kernel: IPVLAN_F_PRIVATE, MACVLAN_MODE_*. */
typedef enum {
    LINK_MODE_BRIDGE,
    LINK_MODE_PRIVATE,
} LinkMode;

/* A sub-interface to be made. It is created up and with IFF_ALLMULTI, since the multicast filter
 * knows only the joins of the host side. The mode belongs to the parent and overwrites that of all
 * siblings, so it is always sent (ipvlan: L2). */
typedef struct {
    DeviceType type;
    LinkMode mode;
    const char *name;
    guint32 ifindex;      /* chosen by the caller, not 0 */
    guint32 parent;       /* ifindex in the netns of the socket */
    int netns;            /* fd of the netns where it shall live; -1: that of the socket */
    const guint8 *hwaddr; /* macvtap and macvlan: HWADDR_SIZE bytes, or NULL: the kernel's choice */
} LinkSpec;

/* NLM_F_EXCL: an ifindex or name that is in use is EEXIST, never a change to somebody's link. */
bool link_create(Rtnl *rtnl, const LinkSpec *spec, GError **error);

/* Sets the alias (at most 255 bytes) and IFF_NOARP of a link, in one request. Only a socket in the
 * link's own netns can. */
bool link_settle(Rtnl *rtnl, guint32 ifindex, const char *alias, GError **error);

bool link_set_up(Rtnl *rtnl, guint32 ifindex, GError **error);
bool link_delete(Rtnl *rtnl, guint32 ifindex, GError **error);

/* NULL with ENODEV when there is none. */
Link *link_get(Rtnl *rtnl, guint32 ifindex, GError **error);
Link *link_get_by_name(Rtnl *rtnl, const char *name, GError **error);
/* All links of the netns, of Link *, freed with the array. */
GPtrArray *link_list(Rtnl *rtnl, GError **error);
