/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Any MAC works: the two programs on every translated tap.
 *
 * An ipvtap shares its parent's MAC. All frames of all guests leave under it, since a wireless
 * access point accepts no other, and what comes in for it is handed to the tap that holds the
 * destination IP address. So a guest would have to be given exactly that MAC, every guest the same,
 * and would be the host's twin to each DHCP server. These programs give it back a MAC of its own:
 *
 *     guest ── tap queue ──> [egress] ──> ipvlan ──> parent ──> LAN
 *     guest <── tap queue ── [ingress] <── ipvlan <── parent <── LAN
 *
 * Egress runs before ipvlan's transmit and puts the parent's MAC wherever others would learn the
 * guest's: the Ethernet source, the ARP sender, the link-layer option of neighbor discovery. It
 * asks DHCP servers to answer by broadcast and leaves the client's hardware address inside the
 * message alone: that, and the IPv6 interface identifier, are the identity the guest was to have.
 * Ingress runs before the tap queues the frame and puts the guest's MAC where the parent's was:
 * the Ethernet destination and the ARP target.
 *
 * Nobody tells the programs the guest's MAC. They learn it from what it sends, and follow it when
 * it changes. The parent's own MAC is never learned: frames that are replayed into the guest carry
 * it, and a guest that really uses it needs no translation. Nor is anything learned from a frame
 * that the guard drops. User space is told, through a ring, that a tap's guest has another.
 *
 * With the guard on, egress is also the border of what a guest may say: guard.bpf.h. What it drops
 * is counted by reason; nothing disappears silently. A tap without an entry may say nothing: its
 * owner has not been decided yet, or is gone.
 *
 * Written for the verifier of Linux 5.10 and without a kernel's type information: only UAPI
 * headers, bounded loops, no atomics that return a value. Both return TC_ACT_UNSPEC, not OK, so
 * that an administrator's own filters behind these still run.
 *
 * Read in this order: macs.h (the maps), packet.bpf.h (reading), guard.bpf.h (judging),
 * rewrite.bpf.h (rewriting).
 */
#include <stdbool.h>

#include <linux/bpf.h>
#include <linux/if_packet.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

#include "macs.h"
#include "maps.bpf.h"
#include "packet.bpf.h"
#include "guard.bpf.h"
#include "rewrite.bpf.h"

INLINE int drop(MacsState *state, unsigned reason)
{
    if (reason < MACS_DROPS)
        count(&state->drops[reason]);
    return TC_ACT_SHOT;
}

INLINE int drop_unknown(void)
{
    __u32 nobody = 0;
    MacsTap *tap = bpf_map_lookup_elem(&taps, &nobody);

    return tap ? drop(&tap->state, MACS_DROP_UNKNOWN_TAP) : TC_ACT_SHOT;
}

/* When the rate is used up or nobody empties the ring, the next frame tries again. */
INLINE void tell(__u32 ifindex, MacsState *state)
{
    const MacsLimit limit = {.interval = MACS_TOLD_INTERVAL, .burst = MACS_TOLD_BURST};
    MacsMac guest = state->guest;

    if (take(&state->told_time, &limit) &&
        bpf_ringbuf_output(&learned, &ifindex, sizeof(ifindex), 0) == 0)
        state->told = guest;
}

INLINE void learn(const Packet *packet, __u32 ifindex, const MacsTap *tap, MacsState *state)
{
    if (packet->source != state->guest && packet->source != tap->parent && packet->source &&
        !mac_is_multicast(packet->source)) {
        state->guest = packet->source;
        count(&state->guest_changes);
    }
    if (state->guest != state->told)
        tell(ifindex, state);
}

/* Whether a stack beside the tap sends, and not a queue: the sockets of those have no family, and
 * frames that vhost sends have no socket. */
INLINE bool is_of_stack(struct __sk_buff *skb)
{
    const struct bpf_sock *sk = skb->sk;

    return sk && (sk->family == FAMILY_IPV4 || sk->family == FAMILY_IPV6);
}

SEC("tc")
int macs_egress(struct __sk_buff *skb)
{
    __u32 ifindex = skb->ifindex;
    MacsTap *tap = bpf_map_lookup_elem(&taps, &ifindex);
    Packet packet = {};
    MacsState *state;
    int verdict;

    if (!tap)
        return drop_unknown();
    if ((tap->flags & MACS_HOST) && is_of_stack(skb))
        return TC_ACT_SHOT;
    state = &tap->state;
    if (!packet_read(skb, &packet))
        return drop(state, MACS_DROP_TRUNCATED);
    if (tap->flags & MACS_GUARD) {
        verdict = guard(skb, &packet, tap, state);
        if (verdict != PASS)
            return drop(state, verdict);
    }
    if (is_control(&packet) && !take(&state->control_time, &tap->control))
        return drop(state, MACS_DROP_CONTROL);
    if (tap->flags & MACS_TRANSLATE) {
        learn(&packet, ifindex, tap, state);
        if (!rewrite_egress(skb, &packet, tap->parent))
            return drop(state, MACS_DROP_NO_MEMORY);
    }
    count(&state->frames_out);
    return TC_ACT_UNSPEC;
}

SEC("tc")
int macs_ingress(struct __sk_buff *skb)
{
    __u32 ifindex = skb->ifindex;
    MacsTap *tap = bpf_map_lookup_elem(&taps, &ifindex);
    const Ethernet *frame = ethernet(skb);

    /* For another host: to the tap's queues that is all the same, and every stack drops it. */
    if (tap && (tap->flags & MACS_HOST))
        bpf_skb_change_type(skb, PACKET_OTHERHOST);
    if (!tap || !frame || !(tap->flags & MACS_TRANSLATE) || !tap->state.guest ||
        mac_of(frame->destination) != tap->parent)
        return TC_ACT_UNSPEC;
    if (!rewrite_ingress(skb, tap->parent, tap->state.guest))
        return drop(&tap->state, MACS_DROP_NO_MEMORY);
    count(&tap->state.frames_in);
    return TC_ACT_UNSPEC;
}

/* The MIT text permits use under the GPL as well, and this is the name the kernel knows that by;
 * it lends its clocks to no other. */
const char macs_license[] SEC("license") = "Dual MIT/GPL";
