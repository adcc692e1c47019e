/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The daemon's end of ontap-learnd: starts it while that is still possible, and keeps it in step.
 */
#pragma once

#include "daemon/service.h"
#include "learner/counters.h"
#include "learner/proposal.h"

#define LEARNER_PARENTS 32 /* interfaces that can be listened to at once */
#define LEARNER_TAPS 64    /* the same of devices in the host's netns; in the tap room all are */

/* Makes the capture sockets, and runs the plan's program with them as its user. Needs root, or
 * CAP_NET_RAW in both namespaces. Proposals go to learning.h from the default main context. */
Learner *learner_new(Service *service, const ServicePlan *plan, GError **error);
void learner_free(Learner *learner);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Learner, learner_free)

/* What follows does nothing for a NULL learner, so that nobody needs to ask at start and end. */

/* Listens to interface `ifindex` with one of the sockets; works in the sandbox. */
gboolean learner_listen(Learner *learner, guint slot, guint32 ifindex, GError **error);

/* Nothing comes through that socket any more, until it listens again. */
void learner_deafen(Learner *learner, guint slot);

/* The same for devices in the host's netns, each of which gets a socket. */
gboolean learner_has_ear(const Learner *learner); /* there is a spare one */
void learner_hear(Learner *learner, const Device *device);
void learner_unhear(Learner *learner, guint32 ifindex); /* whether it was heard or not */

/* Whether its process is there; ontap-learnd looks after its own worker. */
gboolean learner_is_running(const Learner *learner);

void learner_send_parent(Learner *learner, guint32 ifindex,
                         const guint8 hwaddr[static HWADDR_SIZE]);
void learner_send_orphan(Learner *learner, guint32 ifindex);
void learner_send_port(Learner *learner, const Device *device);
/* The same, with the addresses that it has already. */
void learner_send_device(Learner *learner, const Device *device);
void learner_send_unport(Learner *learner, guint32 ifindex);
void learner_send_verdict(Learner *learner, guint32 ifindex, const IpAddress *ip, Verdict verdict,
                          BindingSource source, guint32 lifetime);

/* What the learner has counted for a device; NULL when nothing yet. */
const Counters *learner_counters(const Learner *learner, guint32 ifindex);
