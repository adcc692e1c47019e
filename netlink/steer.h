/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Rules on a link's clsact that send some of its frames elsewhere: tc-flower(8), tc-mirred(8),
 * tc-pedit(8); net/sched/cls_flower.c, act_mirred.c, act_pedit.c, act_gact.c. The kernel loads
 * these modules by itself. The rules belong to the link: they work while no daemon lives.
 */
#pragma once

#include "netlink/rtnl.h"
#include "wire/device.h"

/* The first is asked at the egress of the link, the others at its ingress. */
typedef enum {
    STEER_UNICAST_TO,   /* frames from `hwaddr` to itself go out through `target` */
    STEER_ARP_FROM,     /* `target` receives ARP from `hwaddr`, as if it were sent to it alone */
    STEER_SOLICIT_FROM, /* and neighbor solicitations (RFC 4861 4.3) */
    STEER_NOWHERE,      /* the rest is dropped */
} SteerKind;

typedef struct {
    SteerKind kind;
    guint32 ifindex;
    guint16 priority; /* not 0; another for each kind; the lowest is asked first */
    guint8 hwaddr[HWADDR_SIZE];
    guint32 target; /* ifindex */
} Steer;

/* Sets the rule, or changes the one of this kind and priority without a gap. EINVAL when there is
 * no clsact, or another sort of classifier has that priority; ENOENT when the kernel lacks a
 * module. */
bool steer_set(Rtnl *rtnl, const Steer *steer, GError **error);

/* ENOENT (or EINVAL) when there is none: only the link, the kind and the priority matter. */
bool steer_unset(Rtnl *rtnl, const Steer *steer, GError **error);

/* Whether the link's clsact has any classifier, of whomever. */
bool steer_is_any(Rtnl *rtnl, guint32 ifindex, bool *anyp, GError **error);
