/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors */
#include "learner/arp.h"

#include "learner/ethernet.h"

#define HARDWARE_ETHERNET 1

ParseResult arp_parse(Cursor packet, Arp *arp)
{
    uint16_t hardware, protocol;
    uint8_t hardware_size, protocol_size;

    if (!cursor_u16(&packet, &hardware) || !cursor_u16(&packet, &protocol) ||
        !cursor_u8(&packet, &hardware_size) || !cursor_u8(&packet, &protocol_size) ||
        !cursor_u16(&packet, &arp->operation))
        return PARSE_BAD;
    if (hardware != HARDWARE_ETHERNET || protocol != ETHERNET_TYPE_IPV4)
        return PARSE_OTHER;
    if (hardware_size != HWADDR_SIZE || protocol_size != 4)
        return PARSE_BAD;
    if (arp->operation != ARP_REQUEST && arp->operation != ARP_REPLY)
        return PARSE_OTHER;

    if (!cursor_copy(&packet, arp->sender_hwaddr, HWADDR_SIZE) ||
        !address_read_v4(&packet, &arp->sender) || !cursor_skip(&packet, HWADDR_SIZE) ||
        !address_read_v4(&packet, &arp->target))
        return PARSE_BAD;
    return PARSE_OK;
}
