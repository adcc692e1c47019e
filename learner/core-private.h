/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * What core.c shares with the two that know the protocols, core-dhcp.c and core-neighbour.c.
 */
#pragma once

#include "learner/binding.h"
#include "learner/core.h"
#include "learner/frame.h"
#include "learner/transaction.h"

typedef struct {
    guint32 ifindex;
    guint8 hwaddr[HWADDR_SIZE];
    guint64 withdrawn; /* when prefixes were withdrawn last, 0 for never */
    Counters counters;
} Parent;

typedef struct {
    guint32 ifindex;
    Parent *parent;
    gboolean arp;
    BindingOwner bindings;
    TransactionOwner transactions;
    Counters counters;
} Port;

struct Core {
    GHashTable *parents; /* of Parent, owned, by ifindex */
    GHashTable *ports;   /* of Port, the same */
    Bindings bindings;
    Transactions transactions;
    Frame frame; /* the one in hand */
};

/* The raw frame is needed to replay it. */
typedef struct {
    const guint8 *data;
    size_t size;
} RawFrame;

void core_dhcp4_from_guest(Core *core, Port *port, const Frame *frame, guint64 now);
void core_dhcp4_from_lan(Core *core, Parent *parent, const Frame *frame, RawFrame raw, guint64 now);
void core_dhcp6_from_guest(Core *core, Port *port, const Frame *frame, guint64 now);
void core_dhcp6_from_lan(Core *core, Parent *parent, const Frame *frame, guint64 now);

void core_arp_from_guest(Core *core, Port *port, const Arp *arp, guint64 now);
void core_nd_from_guest(Core *core, Port *port, const Frame *frame, guint64 now);
void core_nd_from_lan(Core *core, Parent *parent, const Frame *frame, guint64 now);
