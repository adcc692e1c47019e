/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The parents of the policy's networks, followed as they come, change and go: which are there,
 * under which ifindex and MAC, and that the learner listens to them.
 */
#pragma once

#include "daemon/service.h"
#include "netlink/link.h"

typedef struct {
    char name[IFNAMSIZ];
    guint32 ifindex; /* 0: it is not there */
    guint8 hwaddr[HWADDR_SIZE];
    guint slot;           /* of the learner's sockets */
    gboolean unannounced; /* its devices' new MAC, for it was down */
} ParentState;

/* Looks up those that the policy names. */
Parents *parents_new(Service *service, GError **error);
void parents_free(Parents *parents);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Parents, parents_free)

/* A link of the host's has changed or gone. */
void parents_note(Parents *parents, const Link *link, gboolean gone);

/* Of const ParentState, all of them. */
const GArray *parents_list(const Parents *parents);

/* NULL when no network has a parent of that ifindex. */
const ParentState *parents_find(const Parents *parents, guint32 ifindex);
