/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * What is counted, for each tap and for each parent. Only counts; nothing here is ever logged a
 * frame at a time.
 */
#pragma once

#include <glib.h>

typedef enum {
    COUNTER_FRAMES,       /* seen */
    COUNTER_MALFORMED,    /* cut short or lying */
    COUNTER_FRAGMENTS,    /* not looked into */
    COUNTER_FORGED,       /* what only the other side may say, or a source that cannot be */
    COUNTER_TRANSACTIONS, /* DHCP transactions opened */
    COUNTER_UNMATCHED,    /* DHCP replies for no open transaction */
    COUNTER_CLAIMS,       /* claims that led to a proposal, or will */
    COUNTER_REFUSED,      /* by the daemon, or asked again soon after that */
    COUNTER_HELD,         /* claims of what another tap of this parent holds */
    COUNTER_RATE,         /* claims beyond the rate */
    COUNTER_FULL,         /* claims beyond the number of addresses a tap can have under way */
    COUNTER_INVALID,      /* claims of what no host can own */
    COUNTER_DEFENDED,     /* claims that a host of the LAN objected to */
    COUNTER_UNBOUND,      /* unbind proposals */
    COUNTER_REPLAYS,
    COUNTER_PROBES,
} Counter;
#define COUNTER_N (COUNTER_PROBES + 1)

typedef struct {
    guint64 n[COUNTER_N];
} Counters;

/* The counter's name: [a-z]+. */
const char *counter_text(Counter counter);
