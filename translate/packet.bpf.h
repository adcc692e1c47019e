/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Reading a frame, for the programs of macs.bpf.c.
 *
 * A frame is read once into a Packet, which the guard judges and the rewriter works from. Bytes
 * come through bpf_skb_load_bytes(): a guest chooses how much of its frame lies in the linear part
 * of the buffer, so direct access would only see what the guest likes. The Ethernet header is the
 * exception, since the tap itself insists on having it there, and every frame needs it.
 *
 * Nothing is read behind the end that the IP header states: what is there is neither covered by a
 * checksum nor seen by a receiver, and could only tell the guard a lie.
 */
#pragma once

#include <stdbool.h>

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "macs.h"

#define INLINE static __attribute__((always_inline)) inline

#define FAMILY_IPV4 2  /* AF_INET, which the UAPI headers do not have */
#define FAMILY_IPV6 10 /* AF_INET6 */

#define TAGS_MAX 2       /* VLAN tags in the payload */
#define EXTENSIONS_MAX 8 /* IPv6 extension headers */
#define UPPER_BYTES 8    /* of UDP, ICMP and IGMP: what the guard needs, and their least size */

/* The Ethernet header in 16-bit units, the alignment that every architecture gives it. */
typedef struct {
    __u16 destination[3];
    __u16 source[3];
    __be16 type;
} Ethernet;

typedef struct {
    __u8 bytes[2]; /* UDP: ports; ICMP, ICMPv6, IGMP: the type comes first */
    __be16 second;
    __be16 third; /* UDP: length */
    __be16 fourth;
} Upper;

typedef struct {
    MacsMac destination;
    MacsMac source;
    bool multicast;  /* Ethernet destination; broadcast as well */
    bool tagged;     /* a VLAN tag in the frame or beside it */
    bool malformed;  /* no IP header where one must be, or more headers than are read */
    bool truncated;  /* IP, but the upper header that must be known is not all there */
    bool routing0;   /* IPv6 routing header of type 0 */
    bool fragment;   /* any part of a fragmented packet, or a whole one dressed as such */
    bool later;      /* not the first fragment: there is no upper header */
    bool has_upper;  /* `upper` is filled: UDP, ICMP, IGMP or ICMPv6, first fragment */
    __u8 protocol;   /* upper protocol; IPPROTO_* */
    __u16 type;      /* ETH_P_*, behind the tags */
    __u32 network;   /* offset of the ARP or IP header */
    __u32 transport; /* offset of the upper header */
    __u32 end;       /* first offset behind what IP says, never behind the frame */
    __be32 destination4;
    Upper upper;
    MacsBindingKey from; /* the IP source; ifindex is set, family 0 when not IP */
} Packet;

INLINE bool load(struct __sk_buff *skb, __u32 offset, void *to, __u32 size)
{
    return bpf_skb_load_bytes(skb, offset, to, size) == 0;
}

/* The same for the IP header, without the call where it is linear and behind no tag, as it nearly
 * always is. There it is aligned for 32-bit units, as all of the kernel expects. */
INLINE bool load_header(struct __sk_buff *skb, __u32 offset, void *to, __u32 size)
{
    const __u32 *from = (void *)(long)skb->data + sizeof(Ethernet);
    __u32 *unit = to;

    if (offset != sizeof(Ethernet) || (const void *)from + size > (void *)(long)skb->data_end)
        return load(skb, offset, to, size);
    for (__u32 i = 0; i < size / sizeof(*unit); i++)
        unit[i] = from[i];
    return true;
}

/* The pointer is good until the next helper that may move the frame. */
INLINE Ethernet *ethernet(struct __sk_buff *skb)
{
    Ethernet *header = (void *)(long)skb->data;

    return (void *)(header + 1) <= (void *)(long)skb->data_end ? header : 0;
}

INLINE MacsMac mac_of(const __u16 unit[3])
{
    return unit[0] | (MacsMac)unit[1] << 16 | (MacsMac)unit[2] << 32;
}

INLINE bool mac_is_multicast(MacsMac mac)
{
    __u8 bytes[6];

    macs_unpack(mac, bytes);
    return bytes[0] & 1;
}

INLINE bool is_tag(__be16 type)
{
    return type == bpf_htons(ETH_P_8021Q) || type == bpf_htons(ETH_P_8021AD);
}

INLINE __be16 upper_port(const Upper *upper)
{
    __be16 port;

    __builtin_memcpy(&port, upper->bytes, sizeof(port));
    return port;
}

/* The first fragment must hold the upper header whole (RFC 7112 for IPv6; for IPv4 a fragment of
 * less than 8 bytes does not occur), or a later one could finish what the guard has not seen. */
INLINE void read_upper(struct __sk_buff *skb, Packet *packet)
{
    switch (packet->protocol) {
    case IPPROTO_UDP:
    case IPPROTO_ICMP:
    case IPPROTO_IGMP:
    case IPPROTO_ICMPV6:
        break;
    default:
        return;
    }
    if (packet->transport + UPPER_BYTES > packet->end ||
        !load(skb, packet->transport, &packet->upper, UPPER_BYTES))
        packet->truncated = true;
    else
        packet->has_upper = true;
}

INLINE void read_ipv4(struct __sk_buff *skb, Packet *packet)
{
    struct iphdr ip;

    if (!load_header(skb, packet->network, &ip, sizeof(ip)) || ip.version != 4 || ip.ihl < 5) {
        packet->malformed = true;
        return;
    }
    packet->from.family = FAMILY_IPV4;
    __builtin_memcpy(packet->from.address, &ip.saddr, sizeof(ip.saddr));
    packet->destination4 = ip.daddr;
    packet->protocol = ip.protocol;
    packet->transport = packet->network + ip.ihl * 4;
    packet->end = packet->network + bpf_ntohs(ip.tot_len);
    if (packet->end > skb->len)
        packet->end = skb->len;
    packet->fragment = ip.frag_off & bpf_htons(0x3fff);
    packet->later = ip.frag_off & bpf_htons(0x1fff);
    if (!packet->later)
        read_upper(skb, packet);
}

/* Walks to the upper header. Each extension header has at least 8 bytes. */
INLINE void read_ipv6(struct __sk_buff *skb, Packet *packet)
{
    struct ipv6hdr ip;
    __u8 header[8];
    __u8 next;
    __u32 offset = packet->network + sizeof(ip);

    if (!load_header(skb, packet->network, &ip, sizeof(ip)) || ip.version != 6) {
        packet->malformed = true;
        return;
    }
    packet->from.family = FAMILY_IPV6;
    __builtin_memcpy(packet->from.address, &ip.saddr, sizeof(ip.saddr));
    packet->end = offset + bpf_ntohs(ip.payload_len);
    if (packet->end > skb->len)
        packet->end = skb->len;

    next = ip.nexthdr;
    for (int i = 0; i < EXTENSIONS_MAX; i++) {
        switch (next) {
        case IPPROTO_HOPOPTS:
        case IPPROTO_ROUTING:
        case IPPROTO_FRAGMENT:
        case IPPROTO_DSTOPTS:
        case IPPROTO_AH:
            break;
        default:
            packet->protocol = next;
            packet->transport = offset;
            read_upper(skb, packet);
            return;
        }
        if (offset + sizeof(header) > packet->end || !load(skb, offset, header, sizeof(header)))
            break;
        if (next == IPPROTO_FRAGMENT) {
            packet->fragment = true;
            if (header[2] | (header[3] & 0xf8)) {
                packet->later = true;
                packet->protocol = header[0];
                return;
            }
            offset += sizeof(header);
        } else if (next == IPPROTO_AH) {
            offset += (header[1] + 2) * 4;
        } else {
            if (next == IPPROTO_ROUTING && header[2] == 0)
                packet->routing0 = true;
            offset += (header[1] + 1) * 8;
        }
        next = header[0];
    }
    packet->malformed = true;
}

/* False when there is not even an Ethernet header. */
INLINE bool packet_read(struct __sk_buff *skb, Packet *packet)
{
    const Ethernet *frame = ethernet(skb);
    __be16 type;

    if (!frame)
        return false;
    packet->destination = mac_of(frame->destination);
    packet->source = mac_of(frame->source);
    packet->multicast = mac_is_multicast(packet->destination);
    packet->from.ifindex = skb->ifindex;
    packet->network = sizeof(*frame);
    packet->tagged = skb->vlan_present;
    type = frame->type;
    for (int i = 0; i < TAGS_MAX && is_tag(type); i++) {
        packet->tagged = true;
        /* a tag: two bytes of its own, then the type of what follows */
        if (!load(skb, packet->network + 2, &type, sizeof(type)))
            type = 0;
        packet->network += 4;
    }
    packet->type = bpf_ntohs(type);

    if (packet->type == ETH_P_IP)
        read_ipv4(skb, packet);
    else if (packet->type == ETH_P_IPV6)
        read_ipv6(skb, packet);
    return true;
}
