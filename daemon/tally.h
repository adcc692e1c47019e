/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * What a device was refused, counted by reason, and how fast it may claim.
 */
#pragma once

#include <glib.h>

/* Why a claim was refused. The words are part of the protocol. */
typedef enum {
    CLAIM_FINE = 0,
    CLAIM_UNFIT,   /* multicast, loopback, unspecified, reserved, IPv4 in IPv6 clothes */
    CLAIM_HOST,    /* the host has it, or it is an end of a prefix of the host's */
    CLAIM_ROUTER,  /* a router of the host's has it */
    CLAIM_EXCEPT,  /* the network's except= names it, or its only= does not */
    CLAIM_EUI64,   /* made of the parent's MAC, which all guests share with mac=parent */
    CLAIM_SIBLING, /* another guest has it */
    CLAIM_LIMIT,   /* the device has as many as it may */
    CLAIM_RATE,    /* it asks too often */
    CLAIM_KERNEL,  /* the kernel refused, or the network is gone from the policy */
} ClaimReason;
#define CLAIM_REASONS (CLAIM_KERNEL + 1)

#define TALLY_CLAIMS_A_SECOND 10

const char *claim_reason_text(ClaimReason reason);

typedef struct {
    guint64 refused[CLAIM_REASONS];
    gint64 credited;  /* g_get_monotonic_time() of the last credit */
    gint64 credit;    /* microseconds' worth of claims */
    gint64 logged;    /* when a refusal was logged last */
    guint64 unlogged; /* refusals since */
} Tally;

/* Whether one more claim is within the rate: ten a second, and as many at once. */
gboolean tally_take(Tally *tally, gint64 now);

/* Counts a refusal. TRUE when it is to be logged, which is once a minute at most; then
 * `*unloggedp` says how many more there were since the last. */
gboolean tally_refuse(Tally *tally, ClaimReason reason, gint64 now, guint64 *unloggedp);
