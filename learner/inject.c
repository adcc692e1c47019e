/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors */
#include "learner/inject.h"

#include "learner/ethernet.h"
#include "learner/ipv4.h"
#include "learner/nd.h"
#include "learner/udp.h"

#include <string.h>

#define ARP_FRAME_SIZE (ETHERNET_HEADER_SIZE + 28)
#define SOLICITATION_SIZE 24
#define CHECKSUM_OFFSET_UDP 6

/* The Internet checksum's sum (RFC 1071), not yet folded. */
static uint32_t sum_add(uint32_t sum, const uint8_t *data, size_t size)
{
    for (size_t i = 0; i + 1 < size; i += 2)
        sum += (uint32_t)data[i] << 8 | data[i + 1];
    if (size % 2)
        sum += (uint32_t)data[size - 1] << 8;
    return sum;
}

static uint16_t sum_finish(uint32_t sum)
{
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

static void put_u16(uint8_t *to, uint16_t value)
{
    to[0] = (uint8_t)(value >> 8);
    to[1] = (uint8_t)value;
}

static void put_header(uint8_t *frame, const uint8_t *hwaddr, uint16_t type)
{
    memcpy(frame, hwaddr, HWADDR_SIZE);
    memcpy(frame + HWADDR_SIZE, hwaddr, HWADDR_SIZE);
    put_u16(frame + 2 * HWADDR_SIZE, type);
}

static size_t arp_probe(uint8_t *frame, const uint8_t *hwaddr, const IpAddress *address)
{
    static const uint8_t start[8] = {0, 1, 8, 0, 6, 4, 0, 1}; /* Ethernet, IPv4, request */
    uint8_t *arp = frame + ETHERNET_HEADER_SIZE;

    put_header(frame, hwaddr, ETHERNET_TYPE_ARP);
    memset(arp, 0, ARP_FRAME_SIZE - ETHERNET_HEADER_SIZE);
    memcpy(arp, start, sizeof(start));
    memcpy(arp + 8, hwaddr, HWADDR_SIZE);
    memcpy(arp + 24, address->bytes, 4);
    return ARP_FRAME_SIZE;
}

static size_t nd_probe(uint8_t *frame, const uint8_t *hwaddr, const IpAddress *address)
{
    static const uint8_t group[13] = {0xff, 0x02, [11] = 0x01, [12] = 0xff};
    uint8_t *ipv6 = frame + ETHERNET_HEADER_SIZE;
    uint8_t *nd = ipv6 + 40;
    uint32_t sum;

    put_header(frame, hwaddr, ETHERNET_TYPE_IPV6);
    memset(ipv6, 0, 40 + SOLICITATION_SIZE);
    ipv6[0] = 0x60;
    put_u16(ipv6 + 4, SOLICITATION_SIZE);
    ipv6[6] = IPV6_NEXT_ICMPV6;
    ipv6[7] = 255;
    memcpy(ipv6 + 24, group, sizeof(group));
    memcpy(ipv6 + 37, address->bytes + 13, 3);
    nd[0] = ND_NEIGHBOUR_SOLICITATION;
    memcpy(nd + 8, address->bytes, 16);

    /* The pseudo header of RFC 8200, 8.1. */
    sum = sum_add(SOLICITATION_SIZE + IPV6_NEXT_ICMPV6, ipv6 + 8, 32);
    put_u16(nd + 2, sum_finish(sum_add(sum, nd, SOLICITATION_SIZE)));
    return ETHERNET_HEADER_SIZE + 40 + SOLICITATION_SIZE;
}

size_t inject_probe(uint8_t frame[static INJECT_PROBE_MAX],
                    const uint8_t hwaddr[static HWADDR_SIZE], const IpAddress *address)
{
    return address->family == AF_INET ? arp_probe(frame, hwaddr, address)
                                      : nd_probe(frame, hwaddr, address);
}

size_t inject_reply(uint8_t *frame, size_t max, const uint8_t hwaddr[static HWADDR_SIZE],
                    const uint8_t *data, size_t size)
{
    Cursor packet = cursor_init(data, size), datagram, payload;
    Ethernet ethernet;
    Ipv4 ipv4;
    Udp udp;
    size_t header, udp_size, total;
    uint8_t *start;
    uint32_t sum;

    if (ethernet_parse(&packet, &ethernet) != PARSE_OK)
        return 0;
    datagram = packet;
    if (ipv4_parse(&datagram, &ipv4) != PARSE_OK)
        return 0;
    payload = datagram;
    if (udp_parse(&payload, &udp) != PARSE_OK)
        return 0;

    header = (size_t)(datagram.data - packet.data);
    udp_size = payload.left + UDP_HEADER_SIZE;
    total = header + datagram.left;
    if (total > max - ETHERNET_HEADER_SIZE || datagram.left < udp_size)
        return 0;
    put_header(frame, hwaddr, ETHERNET_TYPE_IPV4);
    memcpy(frame + ETHERNET_HEADER_SIZE, packet.data, total);

    start = frame + ETHERNET_HEADER_SIZE + header;
    put_u16(start + CHECKSUM_OFFSET_UDP, 0);
    sum = sum_add((uint32_t)udp_size + IPV4_PROTOCOL_UDP, ipv4.source.bytes, 4);
    sum = sum_add(sum, ipv4.destination.bytes, 4);
    sum = sum_finish(sum_add(sum, start, udp_size));
    /* Zero would say that there is none. */
    put_u16(start + CHECKSUM_OFFSET_UDP, sum == 0 ? 0xffff : (uint16_t)sum);
    return ETHERNET_HEADER_SIZE + total;
}
