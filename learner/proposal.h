/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * What the learner asks for. A proposal changes nothing by itself: the daemon decides, acts and
 * answers with a Verdict. It may get one for an address that it has heard nothing of.
 */
#pragma once

#include "learner/address.h"

#include <glib.h>

/* How an address was learned. The words are part of the daemon's protocol. */
typedef enum {
    SOURCE_ARP,
    SOURCE_DAD, /* any IPv6 neighbour or router message */
    SOURCE_DHCP,
    SOURCE_DHCPV6,
} BindingSource;
#define SOURCE_N (SOURCE_DHCPV6 + 1)

/* Why an address is to go. */
typedef enum {
    UNBIND_RELEASED,  /* the guest gave its lease back, or chose another offer */
    UNBIND_DECLINED,  /* the guest found somebody else using it */
    UNBIND_NAK,       /* the server said no, or took it back */
    UNBIND_IDLE,      /* the guest no longer answers for it */
    UNBIND_CONTESTED, /* the same, asked because another tap claims it */
    UNBIND_WITHDRAWN, /* the same, asked because a router withdrew its prefix */
} UnbindReason;
#define UNBIND_N (UNBIND_WITHDRAWN + 1)

typedef enum {
    PROPOSAL_BIND,   /* give `address` to `port` for `lifetime`; also when it has it already */
    PROPOSAL_EXTEND, /* `port` has `address`: from now on for `lifetime`, which may be shorter */
    PROPOSAL_UNBIND, /* take `address` from `port` */
    PROPOSAL_REPLAY, /* send `frame` into `port`, if it holds `address` by then */
    PROPOSAL_PROBE,  /* the same; the frame asks the guest whether it uses `address` */
} ProposalKind;
#define PROPOSAL_N (PROPOSAL_PROBE + 1)

#define LIFETIME_FOREVER G_MAXUINT32

/* Bytes of a frame to be sent, its Ethernet header counted. A longer DHCP reply is not replayed:
 * its client asked for more than a plain Ethernet carries. */
#define PROPOSAL_FRAME_MAX 1514

typedef struct {
    ProposalKind kind;
    guint32 port; /* the tap's ifindex */
    IpAddress address;
    BindingSource source; /* of bind and extend */
    guint32 lifetime;     /* seconds, of bind and extend; LIFETIME_FOREVER */
    UnbindReason reason;  /* of unbind */
    const guint8 *frame;  /* of replay and probe; valid during the call only. Source and destination
                           * are the parent's MAC, for ipvlan delivers such a frame by its address */
    size_t frame_size;    /* at most PROPOSAL_FRAME_MAX */
} Proposal;

typedef void (*ProposalSink)(const Proposal *proposal, void *data);

/* What the daemon did, or what happened to an address. */
typedef enum {
    VERDICT_ACCEPTED, /* the port holds it, for the lifetime that is told */
    VERDICT_REFUSED,  /* it does not get it */
    VERDICT_EXPIRED,  /* its lifetime ran out */
    VERDICT_REMOVED,  /* it was taken away, for a proposal or for a reason of the daemon's */
} Verdict;
#define VERDICT_N (VERDICT_REMOVED + 1)

const char *binding_source_text(BindingSource source);
bool binding_source_parse(const char *text, BindingSource *sourcep);
const char *unbind_reason_text(UnbindReason reason);
bool unbind_reason_parse(const char *text, UnbindReason *reasonp);
const char *proposal_kind_text(ProposalKind kind);
const char *verdict_text(Verdict verdict);
bool verdict_parse(const char *text, Verdict *verdictp);
