/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The parts of the running daemon, for those of them that need several others.
 */
#pragma once

#include "daemon/bound.h"
#include "daemon/facts.h"
#include "daemon/inflight.h"
#include "daemon/keeper.h"
#include "daemon/nic-filter.h"
#include "daemon/permits.h"
#include "daemon/translator.h"
#include "daemon/turns.h"
#include "daemon/watchers.h"
#include "policy/policy.h"

typedef struct HostPath HostPath;
typedef struct Learner Learner;
typedef struct Parents Parents;
typedef struct SameMac SameMac;

/* Each part relies on those above it. */
typedef struct {
    GMainLoop *loop;      /* the caller's, while it runs */
    GError *failure;      /* why it cannot go on */
    Policy *policy;       /* the present one, see reload.h */
    gint64 policy_loaded; /* g_get_monotonic_time(), as is `started` */
    gint64 started;
    char *machine; /* what tells this machine from others; may be empty */
    char *release; /* of the kernel */
    guint peers;   /* connections that are being served, or that watch */
    Kernel kernel;
    Watchers *watchers;
    Turns *turns;
    Inflight *inflight;
    Permits *permits;
    Translator *translator; /* NULL: every guest has to use its parent's MAC */
    char *no_translator;    /* and this is why */
    NicFilter *nic_filter;
    SameMac *same_mac;
    BoundTable *bound;
    Facts *facts;
    Monitor *room_monitor;
    Monitor *host_monitor; /* see lodgers.h */
    guint room_source;     /* messages about devices were lost: all are looked at anew */
    Learner *learner;
    Keeper *keeper;
    Parents *parents;
    HostPath *host_path;
} Service;

typedef struct {
    const char *netns;
    const char *run_dir;
    const char *learner; /* the program */
    uid_t uid;           /* whom the learner is to run as */
    gid_t gid;
    gboolean trace; /* the learner names a system call that it may not make */
} ServicePlan;

/* Opens all that needs privilege; takes a reference to the policy. Also after a failure the service
 * is to be closed. */
gboolean service_open(Service *service, const ServicePlan *plan, Policy *policy, GError **error);

/* Reads back what an earlier daemon left, without privilege but for CAP_NET_ADMIN. */
gboolean service_start(Service *service, GError **error);

/* While it runs: it cannot go on, and the daemon ends with this error, which becomes the
 * service's. */
void service_fail(Service *service, GError *error);

void service_close(Service *service);

/* The kernel says that the link of a device has changed or gone. Of other links it is nothing. */
void service_note_link(Service *service, const Link *link, gboolean gone);

/* Messages of the kernel about devices were lost: all are looked at anew, in a moment. */
void service_refresh_later(Service *service);
