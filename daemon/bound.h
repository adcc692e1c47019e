/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Which address is bound to which device. The truth is the kernel's: an address on the tap, with a
 * lifetime that the kernel itself ends. This table is what we know of it, to answer quickly, and it
 * changes only after the kernel has.
 *
 * How an address was learned is its IFA_PROTO in the kernel (Linux 5.18 and later), so that it
 * outlives the daemon. Where that is not known, an address counts as the guest's own claim.
 */
#pragma once

#include "daemon/kernel.h"
#include "learner/proposal.h"
#include "netlink/address.h"
#include "wire/ip.h"

#include <glib.h>

typedef struct {
    IpAddress ip;
    guint32 parent;  /* ifindex */
    guint32 ifindex; /* of the device */
    BindingSource source;
    gint64 expires; /* g_get_monotonic_time(), G_MAXINT64: never */
} Bound;

typedef struct BoundTable BoundTable;

/* `kernel` is the caller's and outlives the table. */
BoundTable *bound_table_new(const Kernel *kernel);
void bound_table_free(BoundTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(BoundTable, bound_table_free)

/* Seconds that are left, ADDRESS_FOREVER when it does not end. */
guint32 bound_left(const Bound *bound);

const Bound *bound_find(const BoundTable *table, guint32 parent, const IpAddress *ip);
guint bound_count(const BoundTable *table, guint32 ifindex);

/* Those of a device, of const Bound *, in the order of their making. */
GPtrArray *bound_list(const BoundTable *table, guint32 ifindex);

/* Sets the address on the device, or its lifetime anew. The table is unchanged on failure; the code
 * is EADDRINUSE when the kernel knows a sibling with it. */
gboolean bound_set(BoundTable *table, guint32 parent, guint32 ifindex, const IpAddress *ip,
                   BindingSource source, guint32 valid_s, GError **error);

/* Takes it away. One that the kernel has ended already is as good. */
gboolean bound_unset(BoundTable *table, guint32 parent, const IpAddress *ip, GError **error);

/* What a start finds in the kernel. */
void bound_restore(BoundTable *table, guint32 parent, const Address *address);

/* The kernel announces that an address has gone. That can be old news of one that was set again
 * since, so the kernel is asked. TRUE when it has gone indeed, and the table knew it. */
gboolean bound_expire(BoundTable *table, guint32 parent, const Address *address);

/* The device has gone, and its addresses with it. */
void bound_forget(BoundTable *table, guint32 ifindex);
