/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Rewriting: the guest's MAC becomes the parent's wherever a neighbor would learn it from.
 *
 * Checksums are corrected by the difference, so a wrong one stays wrong and a right one right.
 * Where the sender left the checksum to its device (CHECKSUM_PARTIAL, a guest with offloads), the
 * field holds the sum of the pseudo header alone, which no change here touches;
 * bpf_l4_csum_replace() knows that and leaves it. BPF_F_RECOMPUTE_CSUM is for the opposite case, a
 * sum over the frame that the receiving hardware made (CHECKSUM_COMPLETE), and is set only where no
 * checksum field balances the change. That sum does not cover the Ethernet header.
 *
 * Each function is false when the kernel could not make the frame writable; such a frame must not
 * go on, for it may be half rewritten.
 */
#pragma once

#include "guard.bpf.h"

#define OPTIONS_MAX 184 /* neighbor discovery options of one message: all that 1,500 bytes hold */

#define ARP_SENDER_MAC 8
#define ARP_TARGET_MAC 18
#define UDP_CHECKSUM 6
#define UDP_BYTES 8
#define ICMPV6_CHECKSUM 2
#define BOOTP_FLAGS 10
#define BOOTP_REQUEST 1

INLINE bool store_mac(struct __sk_buff *skb, __u32 offset, MacsMac mac, __u64 flags)
{
    __u8 bytes[6];

    macs_unpack(mac, bytes);
    return bpf_skb_store_bytes(skb, offset, bytes, sizeof(bytes), flags) == 0;
}

/* Any ARP with 6-byte hardware addresses, whatever its protocol. */
INLINE bool rewrite_arp_sender(struct __sk_buff *skb, const Packet *packet, MacsMac mac)
{
    Arp arp;

    if (!load(skb, packet->network, &arp, sizeof(arp)) || arp.hardware_size != 6)
        return true;
    return store_mac(skb, packet->network + ARP_SENDER_MAC, mac, BPF_F_RECOMPUTE_CSUM);
}

/* Asks the DHCP server to answer by broadcast (RFC 2131 4.1): an answer to the guest's own MAC
 * would not reach the parent, and one to an address that is not bound yet would not reach the tap.
 * A UDP checksum of 0 means that there is none. */
INLINE bool rewrite_dhcp(struct __sk_buff *skb, const Packet *packet)
{
    __u32 bootp = packet->transport + UDP_BYTES;
    __be16 flags, broadcast;
    __u8 operation;

    if (!packet->has_upper || packet->protocol != IPPROTO_UDP ||
        upper_port(&packet->upper) != bpf_htons(DHCP_CLIENT_PORT) ||
        packet->upper.second != bpf_htons(DHCP_SERVER_PORT))
        return true;
    if (bpf_ntohs(packet->upper.third) < UDP_BYTES + BOOTP_FLAGS + sizeof(flags) ||
        bootp + BOOTP_FLAGS + sizeof(flags) > packet->end)
        return true;
    if (!load(skb, bootp, &operation, sizeof(operation)) || operation != BOOTP_REQUEST ||
        !load(skb, bootp + BOOTP_FLAGS, &flags, sizeof(flags)))
        return true;
    broadcast = flags | bpf_htons(0x8000);
    if (broadcast == flags)
        return true;
    return bpf_l4_csum_replace(skb, packet->transport + UDP_CHECKSUM, flags, broadcast,
                               sizeof(flags) | BPF_F_MARK_MANGLED_0) == 0 &&
           bpf_skb_store_bytes(skb, bootp + BOOTP_FLAGS, &broadcast, sizeof(broadcast), 0) == 0;
}

typedef struct {
    __u8 type;
    __u8 units; /* of 8 bytes, this header included */
    __u8 mac[6];
} __attribute__((aligned(8))) LinkLayerOption;

/* The link-layer option of this message that names its sender, and where the options begin: RFC
 * 4861 4.1 to 4.4. A redirect's names somebody else. */
INLINE __u8 sender_option(__u8 type, __u32 *offsetp)
{
    switch (type) {
    case ND_ROUTER_SOLICITATION:
        *offsetp += 8;
        return 1;
    case ND_ROUTER_ADVERTISEMENT:
        *offsetp += 16;
        return 1;
    case ND_NEIGHBOR_SOLICITATION:
        *offsetp += 24;
        return 1;
    case ND_NEIGHBOR_ADVERTISEMENT:
        *offsetp += 24;
        return 2;
    default:
        return 0;
    }
}

/* Hosts ignore neighbor discovery in fragments (RFC 6980), so does this. */
INLINE bool rewrite_neighbor(struct __sk_buff *skb, const Packet *packet, MacsMac mac)
{
    __u32 offset = packet->transport;
    LinkLayerOption old, new;
    __u8 wanted;

    if (!packet->has_upper || packet->fragment || packet->protocol != IPPROTO_ICMPV6)
        return true;
    wanted = sender_option(packet->upper.bytes[0], &offset);
    if (!wanted)
        return true;

    for (int i = 0; i < OPTIONS_MAX; i++) {
        if (offset + sizeof(old) > packet->end || !load(skb, offset, &old, sizeof(old)) ||
            !old.units)
            break;
        if (old.type == wanted && old.units == 1) {
            new = old;
            macs_unpack(mac, new.mac);
            /* Options lie at multiples of 8 from the checksum's start: the sums line up. */
            if (bpf_l4_csum_replace(
                    skb, packet->transport + ICMPV6_CHECKSUM, 0,
                    bpf_csum_diff((__be32 *)&old, sizeof(old), (__be32 *)&new, sizeof(new), 0),
                    0) ||
                bpf_skb_store_bytes(skb, offset, &new, sizeof(new), 0))
                return false;
        }
        offset += old.units * 8;
    }
    return true;
}

INLINE bool rewrite_egress(struct __sk_buff *skb, const Packet *packet, MacsMac parent)
{
    Ethernet *frame;
    bool done = true;

    if (packet->type == ETH_P_ARP)
        done = rewrite_arp_sender(skb, packet, parent);
    else if (packet->type == ETH_P_IP)
        done = rewrite_dhcp(skb, packet);
    else if (packet->type == ETH_P_IPV6)
        done = rewrite_neighbor(skb, packet, parent);

    frame = ethernet(skb);
    if (!done || !frame)
        return false;
    frame->source[0] = parent;
    frame->source[1] = parent >> 16;
    frame->source[2] = parent >> 32;
    return true;
}

/* Only called for frames to the parent's MAC. An ARP answer also names its receiver inside. */
INLINE bool rewrite_ingress(struct __sk_buff *skb, MacsMac parent, MacsMac guest)
{
    Ethernet *frame = ethernet(skb);
    __u32 network = sizeof(*frame);
    __be16 type;
    Arp arp;

    if (!frame)
        return true;
    frame->destination[0] = guest;
    frame->destination[1] = guest >> 16;
    frame->destination[2] = guest >> 32;

    type = frame->type;
    for (int i = 0; i < TAGS_MAX && is_tag(type); i++) {
        if (!load(skb, network + 2, &type, sizeof(type)))
            return true;
        network += 4;
    }
    if (type != bpf_htons(ETH_P_ARP) || !load(skb, network, &arp, sizeof(arp)) ||
        arp.hardware_size != 6 || arp.protocol_size != 4 || macs_pack(arp.target_mac) != parent)
        return true;
    return store_mac(skb, network + ARP_TARGET_MAC, guest, BPF_F_RECOMPUTE_CSUM);
}
