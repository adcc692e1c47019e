/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * What ontapd and ontap-learnd say to each other, over a SOCK_SEQPACKET pair: one message a packet,
 * which is one line (wire/line.h) with its newline. Behind the line of `replay` and `probe` follows
 * the frame, as bytes, to the end of the packet.
 *
 *   daemon to learner
 *     reset                                   forget everything
 *     parent ifindex=3 hwaddr=xx:…            a parent, or its new MAC
 *     parent-gone ifindex=3                   with all its ports
 *     port ifindex=1000003 parent=3 addresses=8 arp=on
 *     port-gone ifindex=1000003
 *     binding port=1000003 address=10.0.0.9 state=accepted source=dhcp lifetime=900
 *     binding port=1000003 address=10.0.0.9 state=refused|expired|removed
 *   learner to daemon
 *     hello                                   a worker has started
 *     bind port=1000003 address=10.0.0.9 source=dhcp lifetime=900
 *     extend (the same)
 *     unbind port=1000003 address=10.0.0.9 reason=released
 *     replay port=1000003 address=10.0.0.9    + frame
 *     probe port=1000003 address=10.0.0.9     + frame
 *     counters ifindex=1000003 frames=… malformed=… …
 *
 * A worker that has started says `hello` and passes over what it reads until `reset`; then the
 * daemon tells it all there is. So neither has to know what an earlier worker had been told.
 *
 * Every bind and extend is answered with `binding`. A lifetime is in seconds or `forever`. Neither
 * side trusts the other: what does not parse exactly is not a message, unknown keys included, for
 * both are of one build.
 */
#pragma once

#include "learner/core.h"
#include "learner/proposal.h"

#define MESSAGE_LINE_MAX 768 /* bytes, the newline counted */
#define MESSAGE_SIZE_MAX (MESSAGE_LINE_MAX + PROPOSAL_FRAME_MAX)

typedef enum {
    MESSAGE_RESET,
    MESSAGE_PARENT,
    MESSAGE_PARENT_GONE,
    MESSAGE_PORT,
    MESSAGE_PORT_GONE,
    MESSAGE_BINDING,
    MESSAGE_HELLO,
    MESSAGE_PROPOSAL, /* its word is the proposal's kind */
    MESSAGE_COUNTERS,
} MessageKind;

typedef struct {
    MessageKind kind;
    guint32 ifindex; /* of PARENT, PARENT_GONE, PORT_GONE and COUNTERS; not 0 */
    union {
        guint8 hwaddr[HWADDR_SIZE]; /* PARENT */
        CorePort port;              /* PORT */
        struct {
            guint32 port;
            IpAddress address;
            Verdict verdict;
            BindingSource source; /* of accepted */
            guint32 lifetime;     /* of accepted */
        } binding;
        Proposal proposal; /* PROPOSAL; its frame points into the packet */
        Counters counters; /* COUNTERS */
    };
} Message;

/* Reads a packet; false when it is not a message. */
bool message_parse(Message *message, const guint8 *packet, size_t size);

/* Writes a packet of at most MESSAGE_SIZE_MAX bytes and returns its size. */
size_t message_format(const Message *message, guint8 packet[static MESSAGE_SIZE_MAX]);
