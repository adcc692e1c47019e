/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The clsact qdisc of a link and the eBPF classifiers on it: tc-bpf(8), net/sched/sch_ingress.c,
 * net/sched/cls_bpf.c. Names: "ingress" is what the link receives, "egress" what it sends; both as
 * seen by the kernel, so a guest's frames are the egress of its tap.
 */
#pragma once

#include "netlink/rtnl.h"

#include <stdbool.h>

#define CLASSIFIER_NAME_SIZE 256 /* CLS_BPF_NAME_LEN, the NUL counted */

typedef struct {
    guint32 ifindex;
    bool egress;
    guint16 priority; /* not 0; the lowest runs first */
    guint32 handle;   /* not 0; one of several with the same priority */
    char name[CLASSIFIER_NAME_SIZE];
    guint32 program; /* id of the eBPF program; set by listings only */
} Classifier;

/* One that is there already is fine. EEXIST when the place is taken by an ingress qdisc. */
bool qdisc_add_clsact(Rtnl *rtnl, guint32 ifindex, GError **error);
/* And all its classifiers with it. ENOENT (or EINVAL) when there is none. */
bool qdisc_delete_clsact(Rtnl *rtnl, guint32 ifindex, GError **error);

/* Attaches the program behind `fd` in direct-action mode (its return value is the verdict). With
 * `replace` one with the same priority and handle is exchanged without a gap; else that is EEXIST.
 * EINVAL when there is no clsact. */
bool classifier_attach(Rtnl *rtnl, const Classifier *classifier, int fd, bool replace,
                       GError **error);
/* ENOENT (or EINVAL) when there is none of this priority and handle. */
bool classifier_detach(Rtnl *rtnl, const Classifier *classifier, GError **error);

/* The eBPF classifiers of one direction, of Classifier; empty when there is no clsact. Free with
 * the array. */
GArray *classifier_list(Rtnl *rtnl, guint32 ifindex, bool egress, GError **error);

/* The first of that name, whatever its priority: ENOENT when there is none. */
bool classifier_find(Rtnl *rtnl, guint32 ifindex, bool egress, const char *name,
                     Classifier *classifierp, GError **error);
