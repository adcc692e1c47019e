/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Links: rtnetlink(7), ip-link(8), drivers/net/ipvlan and drivers/net/macvlan.c.
 */
#pragma once

#include "netlink/rtnl.h"
#include "wire/device.h"

#include <net/if.h>

#define LINK_ALIAS_MAX 255 /* bytes, the NUL not counted: IFALIASZ - 1 */

typedef struct {
    guint32 ifindex;
    char name[IFNAMSIZ];
    char kind[16];      /* IFLA_INFO_KIND; "" for hardware and the loopback */
    guint32 parent;     /* IFLA_LINK: the parent's ifindex in its netns; 0 when none */
    guint32 controller; /* IFLA_MASTER: bridge or bond it is a port of; 0 when none */
    guint32 flags;      /* IFF_* */
    guint32 mtu;        /* bytes */
    guint16 arphrd;     /* ARPHRD_* */
    guint32 group;      /* IFLA_GROUP; 0 is the default one */
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

/* A sub-interface to be made. It is created up and with IFF_ALLMULTI unless `down`, since the
 * multicast filter knows only the joins of the host side. The mode belongs to the parent and
 * overwrites that of all siblings, so it is always sent (ipvlan: L2). */
typedef struct {
    DeviceType type;
    LinkMode mode;
    const char *name;
    guint32 ifindex;      /* 0: the kernel's choice */
    guint32 parent;       /* ifindex in the netns of the socket */
    bool down;            /* left so, and without IFF_ALLMULTI: to be set up later */
    int netns;            /* fd of the netns where it shall live; -1: that of the socket */
    const guint8 *hwaddr; /* macvtap and macvlan: HWADDR_SIZE bytes, or NULL: the kernel's choice */
} LinkSpec;

/* A name or ifindex that is in use is EEXIST (an ifindex on older kernels EBUSY), never a change to
 * somebody's link. */
bool link_create(Rtnl *rtnl, const LinkSpec *spec, GError **error);
/* For several requests under way at once; link_create() is send and rtnl_collect(). */
bool link_create_send(Rtnl *rtnl, const LinkSpec *spec, guint32 *seqp, GError **error);

/* Sets the alias (at most LINK_ALIAS_MAX bytes) and IFF_NOARP of a link, in one request. */
bool link_settle_send(Rtnl *rtnl, guint32 ifindex, const char *alias, guint32 *seqp,
                      GError **error);
bool link_settle(Rtnl *rtnl, guint32 ifindex, const char *alias, GError **error);

/* For a link that is made down where a kernel with addresses and routes of its own lives:
 * IFF_ALLMULTI, and no link-local address of its own. */
bool link_seclude(Rtnl *rtnl, guint32 ifindex, GError **error);

bool link_set_up(Rtnl *rtnl, guint32 ifindex, GError **error);
bool link_delete(Rtnl *rtnl, guint32 ifindex, GError **error);

/* Many links are deleted far faster together than one by one: each deletion of its own waits for
 * RCU under the lock that all of rtnetlink shares. So: put them into a group, then delete that.
 * The group is not 0, which is that of every link nobody touched. ENODEV when it is empty. */
bool link_set_group(Rtnl *rtnl, guint32 ifindex, guint32 group, GError **error);
bool link_set_group_send(Rtnl *rtnl, guint32 ifindex, guint32 group, guint32 *seqp, GError **error);
bool link_delete_group(Rtnl *rtnl, guint32 group, GError **error);

/* Both steps for up to LINK_BATCH_MAX links, in one datagram; whatever else is in `group` goes with
 * them. A link that is gone already is as good. What the kernel did not delete with the group is
 * tried alone. Returns how many are left even so: they stand first in `ifindexes` then, and
 * `error` tells why the first is. */
#define LINK_BATCH_MAX 32
guint link_delete_batch(Rtnl *rtnl, guint32 *ifindexes, guint n, guint32 group, GError **error);

/* NULL with ENODEV when there is none. A name may also be one of a link's alternative names. */
Link *link_get(Rtnl *rtnl, guint32 ifindex, GError **error);
Link *link_get_by_name(Rtnl *rtnl, const char *name, GError **error);
/* All links of the netns, of Link *, freed with the array. */
GPtrArray *link_list(Rtnl *rtnl, GError **error);

/* The pure part: reads one RTM_NEWLINK or RTM_DELLINK. NULL with errno ENOMSG when it
 * does not speak of a link as a whole (bridge ports, wireless events), and EBADMSG or another when
 * it is malformed. */
Link *link_parse(const struct nlmsghdr *message);
