/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * What daemon and learner tell each other, over a SOCK_SEQPACKET pair: a message is one line
 * (wire/line.h), and behind its newline the frame of a replay or probe.
 *
 * A worker that has just started says `hello` and passes over what it reads until `reset`; then the
 * daemon tells it all parents, ports and addresses. So neither needs to know what an earlier worker
 * had been told.
 */
#pragma once

#include "learner/counters.h"
#include "learner/proposal.h"
#include "wire/device.h"

#define MESSAGE_LINE_MAX 512
#define MESSAGE_SIZE_MAX (MESSAGE_LINE_MAX + PROPOSAL_FRAME_MAX)

typedef enum {
    /* of the daemon */
    MESSAGE_RESET,   /* forget everything */
    MESSAGE_PARENT,  /* a parent is there, or has another MAC */
    MESSAGE_ORPHAN,  /* a parent has gone, and its ports with it */
    MESSAGE_PORT,    /* a device was made */
    MESSAGE_UNPORT,  /* it has gone */
    MESSAGE_VERDICT, /* what became of a proposal, or of an address later */
    /* of the learner */
    MESSAGE_HELLO,
    MESSAGE_PROPOSAL,
    MESSAGE_COUNTERS,
} MessageKind;

typedef struct {
    guint32 ifindex;
    guint8 hwaddr[HWADDR_SIZE];
} MessageParent;

typedef struct {
    guint32 ifindex;
    guint32 parent;  /* its ifindex */
    guint addresses; /* that it may have */
    gboolean arp;    /* ARP claims addresses */
} MessagePort;

typedef struct {
    guint32 port;
    IpAddress address;
    Verdict verdict;
    BindingSource source;
    guint32 lifetime; /* seconds, of an accepted one */
} MessageVerdict;

typedef struct {
    guint32 port;
    Counters counters;
} MessageCounters;

typedef struct {
    MessageKind kind;
    union {
        MessageParent parent;
        guint32 ifindex; /* of orphan and unport */
        MessagePort port;
        MessageVerdict verdict;
        Proposal proposal; /* its frame points into what was read */
        MessageCounters counters;
    };
} Message;

/* Returns the size written; 0 when the frame is too long. */
gsize message_format(const Message *message, char buffer[static MESSAGE_SIZE_MAX]);

/* FALSE when it is not a message: then the other side is not what it should be. */
gboolean message_parse(Message *message, const char *data, gsize size);
