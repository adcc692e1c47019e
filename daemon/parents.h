/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The parents of the policy's networks, followed as they come, change and go: which are there,
 * under which ifindex and MAC, and that the learner listens to them.
 *
 * An interface that no network names any more is followed for as long as devices stand on it: their
 * guests keep them, and go on learning. Names come and go (a reload, a rename); the ifindex is what
 * devices stand on.
 */
#pragma once

#include "daemon/service.h"
#include "netlink/link.h"

#define PARENT_DEAF G_MAXUINT

typedef struct {
    char name[IFNAMSIZ];
    gboolean named;  /* a network of the policy has it as its parent */
    guint32 ifindex; /* 0: it is not there */
    guint8 hwaddr[HWADDR_SIZE];
    guint32 mtu; /* bytes */
    gboolean up;
    gboolean carrier;
    guint slot; /* of the learner's sockets; PARENT_DEAF: none was left */
    gboolean unannounced; /* its devices' new MAC, for it was down */
} ParentState;

/* Looks up those that the policy names. */
Parents *parents_new(Service *service, GError **error);
void parents_free(Parents *parents);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Parents, parents_free)

/* A link of the host's has changed or gone. With a parent that has gone go its devices. */
void parents_note(Parents *parents, const Link *link, gboolean gone);
/* Changes of links may have been missed: looks at all of them. */
void parents_refresh(Parents *parents);
/* The policy has changed: follows those that it names now. */
void parents_follow_policy(Parents *parents);
/* A device has gone: an interface that no network names may be left alone now. */
void parents_device_gone(Parents *parents, guint32 ifindex);

/* Of const ParentState, all of them. */
const GArray *parents_list(const Parents *parents);

/* NULL when it is not followed. */
const ParentState *parents_find(const Parents *parents, guint32 ifindex);
const ParentState *parents_find_name(const Parents *parents, const char *name);
