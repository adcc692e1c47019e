/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The guard: may this frame of a guest's go to the LAN?
 *
 * It is an allow-list. Let through are ARP, IPv4 and IPv6 from an address that is bound to the tap,
 * and what a guest must send to obtain one:
 *
 *   - ARP probes (sender 0.0.0.0, RFC 5227) and duplicate-address probes (source ::, RFC 4862):
 *     only the LAN can answer them, and the learner sees them on the tap's packet socket;
 *   - DHCPv4 from 0.0.0.0 (RFC 7513 allows no other unbound source), router solicitations from ::;
 *     DHCPv6 needs nothing, it starts from a link-local address that was probed before;
 *   - reports of multicast groups from 0.0.0.0 and ::, which hosts send before they have an
 *     address (RFC 3376 4.2.13, RFC 3590), or switches that snoop would not bring it the probes.
 *
 * A frame that speaks for an unbound address is dropped, but if the address can be learned from
 * it, the learner gets a copy through the `claims` ring: a guest with a static address would else
 * never be heard, and one whose binding ran out would not find back.
 *
 * What a router, a DHCP server or a switch says is dropped whoever the source is.
 *
 * Two rates bound what may pass, since two things are shared by all siblings. The kernel has one
 * backlog of 1,000 group frames for them: that rate belongs to the guard. And the learner reads all
 * taps through one packet socket, whose buffer a guest could fill with unicast ARP so that no
 * sibling's DISCOVER is heard: that rate holds on every tap, guarded or not.
 */
#pragma once

#include "maps.bpf.h"
#include "packet.bpf.h"

#define ARP_BYTES 28 /* for Ethernet and IPv4 */

enum {
    PASS = MACS_DROPS, /* instead of a MacsDrop */

    ARP_REQUEST = 1,
    ARP_REPLY = 2,
    ICMP_REDIRECT = 5,
    ICMP_ROUTER_ADVERTISEMENT = 9,
    IGMP_QUERY = 0x11,
    MLD_QUERY = 130,
    MLD_REPORT = 131,
    MLD_DONE = 132,
    ND_ROUTER_SOLICITATION = 133,
    ND_ROUTER_ADVERTISEMENT = 134,
    ND_NEIGHBOR_SOLICITATION = 135,
    ND_NEIGHBOR_ADVERTISEMENT = 136,
    ND_REDIRECT = 137,
    MLD2_REPORT = 143,
    DHCP_SERVER_PORT = 67,
    DHCP_CLIENT_PORT = 68,
    DHCPV6_CLIENT_PORT = 546,
    DHCPV6_SERVER_PORT = 547,
};

typedef struct {
    __be16 hardware;
    __be16 protocol;
    __u8 hardware_size;
    __u8 protocol_size;
    __be16 operation;
    __u8 sender_mac[6];
    __u8 sender[4];
    __u8 target_mac[6];
    __u8 target[4];
} Arp;

/* A rate limit without tokens: `*time` is when everything taken so far would have been paid for
 * at the allowed rate, and a sender may be `burst` ahead of the clock (GCRA, ITU-T I.371). Busy
 * senders only add to it, atomically; two CPUs may both restart an idle one, which costs nothing
 * but one event too many. */
INLINE bool take(__u64 *time, const MacsLimit *limit)
{
    __u64 now = bpf_ktime_get_boot_ns();
    __u64 paid = *time;

    if (!limit->interval)
        return true;
    if (paid < now)
        *time = now;
    else if (paid - now > limit->burst)
        return false;
    __sync_fetch_and_add(time, limit->interval);
    return true;
}

/* One guest must not fill the ring that all share, hence the limit. */
INLINE void claim(struct __sk_buff *skb, const MacsTap *tap, MacsState *state)
{
    MacsClaim *record = 0;
    __u64 size = skb->len; /* one whole register, for the verifier */

    if (take(&state->claim_time, &tap->claim))
        record = bpf_ringbuf_reserve(&claims, sizeof(*record), 0);
    if (!record) {
        count(&state->claims_lost);
        return;
    }
    record->time = bpf_ktime_get_boot_ns();
    record->ifindex = skb->ifindex;
    record->size = size;
    /* The verifier must see both bounds on the very register that is passed. A compiler tests one
     * copy and passes another, which older verifiers do not follow. */
    asm volatile("if %[size] >= %[least] goto +1\n"
                 "%[size] = %[least]\n"
                 "if %[size] <= %[most] goto +1\n"
                 "%[size] = %[most]\n"
                 : [size] "+r"(size)
                 : [least] "i"(sizeof(Ethernet)), [most] "i"(MACS_CLAIM_BYTES));
    if (!load(skb, 0, record->bytes, size)) {
        bpf_ringbuf_discard(record, BPF_RB_NO_WAKEUP);
        count(&state->claims_lost);
        return;
    }
    count(&state->claims);
    bpf_ringbuf_submit(record, 0);
}

/* Reading the exact clock costs as much as all the rest of this, and the kernel's tick next to
 * nothing; so a binding that was found good is good for the rest of the tick. */
INLINE bool bound(const MacsBindingKey *key)
{
    MacsBinding *binding = bpf_map_lookup_elem(&bindings, key);
    __u64 tick;

    if (!binding || !binding->expiry)
        return binding;
    tick = bpf_jiffies64();
    if (binding->tick == tick)
        return true;
    if (bpf_ktime_get_boot_ns() >= binding->expiry)
        return false;
    binding->tick = tick;
    return true;
}

INLINE bool unspecified(const MacsBindingKey *key)
{
    __u32 word[4];

    __builtin_memcpy(word, key->address, sizeof(word));
    return !(word[0] | word[1] | word[2] | word[3]);
}

INLINE int guard_arp(struct __sk_buff *skb, const Packet *packet, const MacsTap *tap,
                     MacsState *state)
{
    MacsBindingKey sender = {.ifindex = packet->from.ifindex, .family = FAMILY_IPV4};
    Arp arp;

    if (!load(skb, packet->network, &arp, sizeof(arp)))
        return MACS_DROP_TRUNCATED;
    if (arp.hardware != bpf_htons(1) || arp.protocol != bpf_htons(ETH_P_IP) ||
        arp.hardware_size != 6 || arp.protocol_size != 4 ||
        (arp.operation != bpf_htons(ARP_REQUEST) && arp.operation != bpf_htons(ARP_REPLY)))
        return MACS_DROP_MALFORMED;
    if (!(tap->flags & MACS_TRANSLATE) && macs_pack(arp.sender_mac) != tap->parent)
        return MACS_DROP_SOURCE_MAC;

    __builtin_memcpy(sender.address, arp.sender, sizeof(arp.sender));
    if (unspecified(&sender))
        return arp.operation == bpf_htons(ARP_REQUEST) ? PASS : MACS_DROP_ARP;
    if (bound(&sender))
        return PASS;
    claim(skb, tap, state);
    return MACS_DROP_ARP;
}

INLINE bool is_dhcp_client(const Packet *packet)
{
    return packet->has_upper && !packet->fragment && packet->protocol == IPPROTO_UDP &&
           upper_port(&packet->upper) == bpf_htons(DHCP_CLIENT_PORT) &&
           packet->upper.second == bpf_htons(DHCP_SERVER_PORT);
}

INLINE int guard_ipv4(struct __sk_buff *skb, const Packet *packet, const MacsTap *tap,
                      MacsState *state)
{
    __u8 type = packet->upper.bytes[0];

    if (packet->has_upper) {
        if ((packet->protocol == IPPROTO_ICMP &&
             (type == ICMP_REDIRECT || type == ICMP_ROUTER_ADVERTISEMENT)) ||
            (packet->protocol == IPPROTO_IGMP && type == IGMP_QUERY))
            return MACS_DROP_ROUTER;
        /* Many a client takes a reply from any port. */
        if (packet->protocol == IPPROTO_UDP &&
            (upper_port(&packet->upper) == bpf_htons(DHCP_SERVER_PORT) ||
             packet->upper.second == bpf_htons(DHCP_CLIENT_PORT)))
            return MACS_DROP_DHCP_SERVER;
    }
    if (unspecified(&packet->from)) {
        if (is_dhcp_client(packet) && packet->destination4 == 0xffffffff)
            return PASS;
        if (packet->has_upper && !packet->fragment && packet->protocol == IPPROTO_IGMP)
            return PASS;
        return MACS_DROP_SOURCE;
    }
    if (bound(&packet->from))
        return PASS;
    if (is_dhcp_client(packet))
        claim(skb, tap, state);
    return MACS_DROP_SOURCE;
}

/* A neighbor advertisement may only speak for an address of the tap's own. */
INLINE int guard_advertisement(struct __sk_buff *skb, const Packet *packet, const MacsTap *tap,
                               MacsState *state)
{
    MacsBindingKey target = {.ifindex = packet->from.ifindex, .family = FAMILY_IPV6};

    if (packet->transport + 24 > packet->end ||
        !load(skb, packet->transport + 8, target.address, sizeof(target.address)))
        return MACS_DROP_TRUNCATED;
    if (bound(&target))
        return PASS;
    claim(skb, tap, state);
    return MACS_DROP_NEIGHBOR;
}

INLINE int guard_ipv6(struct __sk_buff *skb, const Packet *packet, const MacsTap *tap,
                      MacsState *state)
{
    bool icmp = packet->has_upper && packet->protocol == IPPROTO_ICMPV6;
    __u8 type = packet->upper.bytes[0];

    if (packet->routing0)
        return MACS_DROP_ROUTING;
    if (icmp) {
        if (type == ND_ROUTER_ADVERTISEMENT || type == ND_REDIRECT || type == MLD_QUERY)
            return MACS_DROP_ROUTER;
        if (packet->fragment && type >= ND_ROUTER_SOLICITATION && type <= ND_REDIRECT)
            return MACS_DROP_FRAGMENT; /* RFC 6980 */
    }
    if (packet->has_upper && packet->protocol == IPPROTO_UDP &&
        (upper_port(&packet->upper) == bpf_htons(DHCPV6_SERVER_PORT) ||
         packet->upper.second == bpf_htons(DHCPV6_CLIENT_PORT)))
        return MACS_DROP_DHCP_SERVER;

    if (unspecified(&packet->from)) {
        if (icmp && !packet->fragment &&
            (type == ND_NEIGHBOR_SOLICITATION || type == ND_ROUTER_SOLICITATION ||
             type == MLD_REPORT || type == MLD_DONE || type == MLD2_REPORT))
            return PASS;
        return MACS_DROP_SOURCE;
    }
    if (!bound(&packet->from)) {
        if (!icmp || type < ND_ROUTER_SOLICITATION || type > ND_NEIGHBOR_ADVERTISEMENT)
            return MACS_DROP_SOURCE;
        claim(skb, tap, state);
        return MACS_DROP_NEIGHBOR;
    }
    if (icmp && type == ND_NEIGHBOR_ADVERTISEMENT)
        return guard_advertisement(skb, packet, tap, state);
    return PASS;
}

/* Whether the learner's socket filter (learner/filter.c) may take the frame: at least all that it
 * takes. It looks less closely than this, so what cannot be read here may be such a frame too. */
INLINE bool is_control(const Packet *packet)
{
    __u8 type = packet->upper.bytes[0];

    if (packet->type == ETH_P_ARP || packet->malformed || packet->truncated)
        return true;
    if (!packet->has_upper)
        return false;
    if (packet->protocol == IPPROTO_UDP)
        return packet->upper.second == bpf_htons(DHCP_SERVER_PORT) ||
               packet->upper.second == bpf_htons(DHCPV6_SERVER_PORT);
    return packet->protocol == IPPROTO_ICMPV6 && type >= ND_ROUTER_SOLICITATION &&
           type <= ND_REDIRECT;
}

/* PASS, or why not. */
INLINE int guard(struct __sk_buff *skb, const Packet *packet, const MacsTap *tap, MacsState *state)
{
    __u8 to[6];
    int verdict;

    macs_unpack(packet->destination, to);
    if (!packet->source || mac_is_multicast(packet->source) ||
        (!(tap->flags & MACS_TRANSLATE) && packet->source != tap->parent))
        return MACS_DROP_SOURCE_MAC;
    if (to[0] == 0x01 && to[1] == 0x80 && to[2] == 0xc2)
        return MACS_DROP_LINK_LOCAL;
    if (packet->tagged)
        return MACS_DROP_VLAN;
    if (packet->malformed)
        return MACS_DROP_MALFORMED;
    if (packet->truncated)
        return packet->fragment ? MACS_DROP_FRAGMENT : MACS_DROP_TRUNCATED;

    switch (packet->type) {
    case ETH_P_ARP:
        verdict = guard_arp(skb, packet, tap, state);
        break;
    case ETH_P_IP:
        verdict = guard_ipv4(skb, packet, tap, state);
        break;
    case ETH_P_IPV6:
        verdict = guard_ipv6(skb, packet, tap, state);
        break;
    default:
        return MACS_DROP_ETHERTYPE;
    }
    /* All siblings share one backlog of 1,000 such frames in the kernel. */
    if (verdict == PASS && packet->multicast && !take(&state->flood_time, &tap->flood))
        return MACS_DROP_FLOOD;
    return verdict;
}
