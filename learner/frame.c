/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors */
#include "learner/frame.h"

#include "learner/ipv4.h"

/* The destination's port decides: some servers and relays answer from a port of their own. */
static bool udp_is(const Udp *udp, uint16_t client, uint16_t server, bool *from_serverp)
{
    *from_serverp = udp->destination == client;
    return *from_serverp || udp->destination == server;
}

static ParseResult ipv4_frame_parse(Frame *frame, Cursor packet)
{
    Ipv4 ipv4;
    bool from_server;
    ParseResult result;

    result = ipv4_parse(&packet, &ipv4);
    if (result != PARSE_OK)
        return result;
    if (ipv4.protocol != IPV4_PROTOCOL_UDP)
        return PARSE_OTHER;
    frame->source = ipv4.source;
    frame->destination = ipv4.destination;

    result = udp_parse(&packet, &frame->udp);
    if (result != PARSE_OK)
        return result;
    if (!udp_is(&frame->udp, UDP_PORT_DHCP4_CLIENT, UDP_PORT_DHCP4_SERVER, &from_server))
        return PARSE_OTHER;
    frame->kind = FRAME_DHCP4;
    result = dhcp4_parse(packet, &frame->dhcp4);
    if (result == PARSE_OK && frame->dhcp4.from_server != from_server)
        return PARSE_OTHER;
    return result;
}

static bool dhcp6_type_from_server(uint8_t type)
{
    return type == DHCP6_ADVERTISE || type == DHCP6_REPLY || type == DHCP6_RECONFIGURE;
}

static ParseResult ipv6_frame_parse(Frame *frame, Cursor packet)
{
    Ipv6 ipv6;
    bool from_server;
    ParseResult result;

    result = ipv6_parse(&packet, &ipv6);
    if (result != PARSE_OK)
        return result;
    frame->source = ipv6.source;
    frame->destination = ipv6.destination;
    if (ipv6.next == IPV6_NEXT_ICMPV6) {
        frame->kind = FRAME_ND;
        return nd_parse(packet, &ipv6, &frame->nd);
    }
    if (ipv6.next != IPV6_NEXT_UDP)
        return PARSE_OTHER;

    result = udp_parse(&packet, &frame->udp);
    if (result != PARSE_OK)
        return result;
    if (!udp_is(&frame->udp, UDP_PORT_DHCP6_CLIENT, UDP_PORT_DHCP6_SERVER, &from_server))
        return PARSE_OTHER;
    frame->kind = FRAME_DHCP6;
    result = dhcp6_parse(packet, &frame->dhcp6);
    if (result == PARSE_OK && dhcp6_type_from_server(frame->dhcp6.type) != from_server)
        return PARSE_OTHER;
    return result;
}

ParseResult frame_parse(Frame *frame, const uint8_t *data, size_t size)
{
    Cursor packet = cursor_init(data, size);
    ParseResult result;

    frame->ethernet = (Ethernet){0};
    result = ethernet_parse(&packet, &frame->ethernet);
    if (result != PARSE_OK)
        return result;
    if (frame->ethernet.vlan != 0)
        return PARSE_OTHER;

    switch (frame->ethernet.type) {
    case ETHERNET_TYPE_ARP:
        frame->kind = FRAME_ARP;
        return arp_parse(packet, &frame->arp);
    case ETHERNET_TYPE_IPV4:
        return ipv4_frame_parse(frame, packet);
    case ETHERNET_TYPE_IPV6:
        return ipv6_frame_parse(frame, packet);
    default:
        return PARSE_OTHER;
    }
}
