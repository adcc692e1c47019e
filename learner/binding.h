/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The binding table: which tap has, or is about to have, which address. On one parent an address
 * has at most one entry, so whoever came first keeps it (RFC 6620). Each tap pays for its entries
 * out of a pool of its own: a guest that claims all there is costs nobody else anything.
 *
 * An entry is in one of these states, or absent:
 *
 *   state      meaning                                    timer
 *   TENTATIVE  the guest probes for a duplicate; the LAN  500 ms (TENT_LT of RFC 6620, the
 *              may object                                 RetransTimer of RFC 4862 halved)
 *   PROPOSED   the daemon was asked to bind it            5 s to answer
 *   BOUND      the daemon says the tap has it             end of lease, or of idleness
 *   PROBING    the guest is asked whether it uses it      1 s a probe, 3 probes
 *   REFUSED    the daemon said no; do not ask it again    10 s
 *              for the same claim
 *
 *   in         event                       to         proposes
 *   -          ND claim                    TENTATIVE
 *   -          ARP claim, DHCP reply       PROPOSED   bind
 *   -          accepted                    BOUND
 *   TENTATIVE  timer                       PROPOSED   bind
 *   TENTATIVE  DHCP reply                  PROPOSED   bind
 *   TENTATIVE  defended, given up          -
 *   PROPOSED   accepted                    BOUND
 *   PROPOSED   refused                     REFUSED
 *   PROPOSED   DHCP reply                  PROPOSED   bind, with its lifetime
 *   PROPOSED   given up                    -          unbind
 *   PROPOSED   timer                       -
 *   BOUND      seen                        BOUND      extend, when half its lifetime is over
 *   BOUND      DHCP reply                  BOUND      extend
 *   BOUND      timer, idle                 PROBING    probe
 *   BOUND      timer, lifetime over        -
 *   BOUND      contested, prefix withdrawn PROBING    probe
 *   PROBING    seen, DHCP reply            BOUND      extend, as above
 *   PROBING    timer                       PROBING    probe
 *   PROBING    timer after the third       -          unbind
 *   BOUND or PROBING   given up            -          unbind
 *   BOUND or PROBING   expired, removed    -
 *   BOUND or PROBING   refused             REFUSED
 *   REFUSED    DHCP reply                  PROPOSED   bind
 *   REFUSED    accepted                    BOUND
 *   REFUSED    timer, claim of another tap -
 *
 * What is not in the table changes nothing. Addresses from DHCP last as long as their lease and are
 * never idle. The others last 3,600 s in the kernel, and are extended when they are seen in use;
 * after 300 s unseen (DEFAULT_LT of RFC 6620) their guest is probed. So an address outlives its
 * guest by five minutes, an ontapd that is away does no harm for half an hour, and nothing outlives
 * both for more than an hour.
 *
 * A claim of what another tap holds is refused. The holder is then probed, once a minute at most:
 * if its guest is gone, the next claim wins. A lease is only doubted for another DHCP reply.
 */
#pragma once

#include "learner/counters.h"
#include "learner/index.h"
#include "learner/proposal.h"
#include "learner/timers.h"

/* Milliseconds. */
#define BINDING_TENTATIVE_TIME 500
#define BINDING_PROPOSED_TIME (5 * 1000)
#define BINDING_REFUSED_TIME (10 * 1000)
#define BINDING_IDLE_TIME (300 * 1000)
#define BINDING_PROBE_TIME 1000
#define BINDING_DOUBT_TIME (60 * 1000) /* between two times that another's word is taken */

#define BINDING_PROBES 3
#define BINDING_LIFETIME 3600 /* seconds, of what was not learned from DHCP */
#define BINDING_RATE 10       /* new claims a second and tap, and as many at once */

typedef enum {
    BINDING_NONE = 0,
    BINDING_TENTATIVE,
    BINDING_PROPOSED,
    BINDING_BOUND,
    BINDING_PROBING,
    BINDING_REFUSED,
} BindingState;

typedef struct Binding Binding;
typedef struct BindingOwner BindingOwner;

struct Binding {
    IndexNode node; /* first, so that a node is its binding */
    Timer timer;
    BindingOwner *owner;
    Binding *next; /* in the owner's list, or of the free ones */
    IpAddress address;
    BindingState state;
    BindingSource source;
    bool offered;       /* by a server, and not yet chosen by the guest */
    unsigned probes;    /* sent in this PROBING */
    UnbindReason doubt; /* what this PROBING is for */
    guint64 seen;       /* when its guest last used it, ms */
    guint64 expires;    /* ms, or TIME_NEVER */
    guint64 doubted;    /* ms, when it was last probed on another's word */
};

/* A tap's part of the table. */
struct BindingOwner {
    guint32 port;
    guint32 parent;
    const guint8 *hwaddr; /* the parent's, for probes */
    Counters *counters;
    Binding *pool;
    size_t n_pool;
    Binding *free;
    Binding *used;
    guint32 credit; /* claims left, in thousandths */
    guint64 credited;
};

typedef struct {
    Index index;
    Timers timers;
    ProposalSink sink;
    void *sink_data;
} Bindings;

void bindings_init(Bindings *bindings, guint64 secret, ProposalSink sink, void *sink_data);
void bindings_deinit(Bindings *bindings); /* after all owners */

/* `hwaddr` and `counters` stay the caller's and outlive the owner. */
void bindings_owner_init(Bindings *bindings, BindingOwner *owner, guint32 port, guint32 parent,
                         const guint8 *hwaddr, Counters *counters, size_t n);
void bindings_owner_deinit(Bindings *bindings, BindingOwner *owner); /* proposes nothing */

/* The entry of an address, whose ever it is; NULL when there is none. */
Binding *bindings_find(const Bindings *bindings, guint32 parent, const IpAddress *address);

/* A guest's own claim, SOURCE_ARP or SOURCE_DAD. Of what the tap has already, it counts as seen. */
void bindings_claim(Bindings *bindings, BindingOwner *owner, const IpAddress *address,
                    BindingSource source, guint64 now);

/* A DHCP server's word for this tap, for `lifetime` seconds. An offer never shortens what there is.
 * False when the claim failed, and was counted. */
bool bindings_lease(Bindings *bindings, BindingOwner *owner, const IpAddress *address,
                    BindingSource source, guint32 lifetime, bool offer, guint64 now);

/* The guest uses the address; nothing is claimed if it does not have it. */
void bindings_seen(Bindings *bindings, BindingOwner *owner, const IpAddress *address, guint64 now);

/* A host of the LAN has the address, or wants it. */
void bindings_defended(Bindings *bindings, guint32 parent, const IpAddress *address);

/* The guest, or its server, is done with an address that came from `source`. */
void bindings_give_up(Bindings *bindings, BindingOwner *owner, const IpAddress *address,
                      BindingSource source, UnbindReason reason);

/* A reason to ask the guest soon: within bindings_tick(). Only for what is not leased. */
void bindings_doubt(Bindings *bindings, Binding *binding, UnbindReason reason, guint64 now);

void bindings_verdict(Bindings *bindings, BindingOwner *owner, const IpAddress *address,
                      Verdict verdict, BindingSource source, guint32 lifetime, guint64 now);

/* Handles one timer that is due; false when there is none. */
bool bindings_tick(Bindings *bindings, guint64 now);
