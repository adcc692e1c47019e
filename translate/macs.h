/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * What the programs in macs.bpf.c and user space share: the maps' keys and values.
 *
 * Settings and state of a tap are one entry, since finding one is a good part of a frame's cost.
 * User space can only write an entry whole: it reads, changes and writes back, which may lose what
 * the programs wrote in between. That is some counts, or a MAC that the guest's next frame teaches
 * again; and it happens only when settings really change.
 *
 * Change MACS_LAYOUT with any change of a structure, of an enum's order or of a map's definition:
 * maps outlive the daemon, and a new daemon must not read an old one's bytes as its own.
 */
#pragma once

#include <linux/types.h>

#define MACS_LAYOUT 2

#define MACS_TAPS_MAX 8192
#define MACS_BINDINGS_MAX 65536
#define MACS_CLAIMS_SIZE (512 * 1024) /* bytes of the ring: a power of two, whole pages */
#define MACS_LEARNED_SIZE (64 * 1024) /* the same */

/* A MAC in one word: three 16-bit units of the frame as this machine reads them, the first in the
 * low bits. One word so that it is read and written whole. Zero means none. */
typedef __u64 MacsMac;

static inline MacsMac macs_pack(const __u8 *bytes)
{
    __u16 unit[3];

    __builtin_memcpy(unit, bytes, sizeof(unit));
    return unit[0] | (MacsMac)unit[1] << 16 | (MacsMac)unit[2] << 32;
}

static inline void macs_unpack(MacsMac mac, __u8 *bytes)
{
    __u16 unit[3] = {(__u16)mac, (__u16)(mac >> 16), (__u16)(mac >> 32)};

    __builtin_memcpy(bytes, unit, sizeof(unit));
}

/* MacsTap.flags */
#define MACS_TRANSLATE (1u << 0) /* the guest has a MAC of its own: rewrite both ways */
#define MACS_GUARD (1u << 1)     /* only what the allow-list names may leave */
#define MACS_HOST (1u << 2)      /* it lives beside a network stack that has no part in it */

/* A rate limit, counted in time instead of tokens (see take() in macs.bpf.c): one event costs
 * `interval` ns, and a sender may be `burst` ns ahead of the clock. interval 0 is no limit. */
typedef struct {
    __u64 interval;
    __u64 burst;
} MacsLimit;

/* Why a frame was dropped. */
typedef enum {
    MACS_DROP_UNKNOWN_TAP, /* no entry in `taps`: counted under ifindex 0 */
    MACS_DROP_NO_MEMORY,   /* the kernel could not make the frame writable */
    MACS_DROP_TRUNCATED,   /* ends inside its own headers */
    MACS_DROP_MALFORMED,   /* header fields that no sender may use, or too many headers */
    MACS_DROP_SOURCE_MAC,  /* zero, multicast, or not the parent's where nothing is translated */
    MACS_DROP_LINK_LOCAL,  /* to 01:80:c2:…: spanning tree, LLDP, EAPOL, pause */
    MACS_DROP_VLAN,        /* tagged */
    MACS_DROP_ETHERTYPE,   /* not ARP, IPv4 or IPv6 */
    MACS_DROP_ARP,         /* the sender's address is not bound */
    MACS_DROP_SOURCE,      /* the IP source is not bound */
    MACS_DROP_NEIGHBOR,    /* neighbour discovery from or for an address that is not bound */
    MACS_DROP_FRAGMENT,    /* fragmented neighbour discovery, or a header cut by fragmentation */
    MACS_DROP_ROUTER,      /* router advertisement, redirect, IGMP or MLD query */
    MACS_DROP_DHCP_SERVER, /* what only a DHCP server or relay sends */
    MACS_DROP_ROUTING,     /* IPv6 routing header of type 0 */
    MACS_DROP_FLOOD,       /* over the broadcast and multicast rate */
    MACS_DROP_CONTROL,     /* over the rate of what the learner reads */
    MACS_DROPS,
} MacsDrop;

/* What the programs write of a tap. */
typedef struct {
    MacsMac guest;       /* learned; zero until the guest has sent */
    __u64 guest_changes; /* how often `guest` was written: large means several MACs behind it */
    MacsMac told;        /* what `guest` was when the ring `learned` last named this tap */
    __u64 told_time;     /* CLOCK_BOOTTIME ns, see MacsLimit */
    __u64 flood_time;    /* CLOCK_BOOTTIME ns, see MacsLimit */
    __u64 control_time;
    __u64 claim_time;
    __u64 frames_out;  /* passed towards the LAN */
    __u64 frames_in;   /* whose destination was rewritten to the guest's MAC */
    __u64 claims;      /* copied into the ring */
    __u64 claims_lost; /* not copied: over the rate, or nobody empties the ring */
    __u64 drops[MACS_DROPS];
} MacsState;

/* taps: ifindex (__u32) -> */
typedef struct {
    MacsMac parent;
    __u32 flags;
    /* User space's own note: which MAC is in the unicast filter of which interface for the sake of
     * this tap. 0: none. */
    __u32 filter_parent;
    MacsMac filter;
    MacsLimit flood;   /* broadcast and multicast frames towards the LAN */
    MacsLimit control; /* frames towards the LAN that the learner reads */
    MacsLimit claim;   /* frames copied into the ring */
    MacsState state;
} MacsTap;

/* bindings: the address a tap may use as its own */
typedef struct {
    __u32 ifindex;
    __u32 family;     /* AF_INET or AF_INET6 */
    __u8 address[16]; /* IPv4: the first four, the rest zero */
} MacsBindingKey;

typedef struct {
    /* CLOCK_BOOTTIME ns after which it no longer counts, 0 for never. Boot time, since a lease
     * goes on at its server while this machine sleeps. */
    __u64 expiry;
    __u64 tick; /* the programs': when they last found it good, in jiffies; written as 0 */
} MacsBinding;

#define MACS_CLAIM_BYTES 640 /* an ordinary DHCP message fits */

/* claims: one record of the ring. A frame that speaks for an address which is not bound, and which
 * was therefore dropped, but from which the address can be learned. */
typedef struct {
    __u64 time; /* CLOCK_BOOTTIME ns: after a restart the ring may hold old ones */
    __u32 ifindex;
    __u32 size;                   /* of the frame, as the guest sent it */
    __u8 bytes[MACS_CLAIM_BYTES]; /* its first min(size, MACS_CLAIM_BYTES); behind that, garbage */
} MacsClaim;

/* learned: one record of the ring is the ifindex (__u32) of a tap whose `guest` is another since it
 * was last told. Which it is, whoever reads this looks up. A guest may change its MAC with every
 * frame, so a tap is told of at this rate; what is over it is told with a later frame. */
#define MACS_TOLD_INTERVAL 4000000000ull /* ns */
#define MACS_TOLD_BURST (2 * MACS_TOLD_INTERVAL)
