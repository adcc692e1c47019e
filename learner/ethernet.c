/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors */
#include "learner/ethernet.h"

#define TYPE_MIN 0x0600      /* below it is an 802.3 length */
#define TYPE_PROVIDER 0x88a8 /* 802.1ad */
#define VLAN_ID_MASK 0x0fff

ParseResult ethernet_parse(Cursor *frame, Ethernet *ethernet)
{
    uint16_t tag = 0;

    if (!cursor_copy(frame, ethernet->destination, HWADDR_SIZE) ||
        !cursor_copy(frame, ethernet->source, HWADDR_SIZE) || !cursor_u16(frame, &ethernet->type))
        return PARSE_BAD;
    if (ethernet->type == ETHERNET_TYPE_VLAN &&
        (!cursor_u16(frame, &tag) || !cursor_u16(frame, &ethernet->type)))
        return PARSE_BAD;
    ethernet->vlan = tag & VLAN_ID_MASK;

    if (ethernet->type < TYPE_MIN || ethernet->type == ETHERNET_TYPE_VLAN ||
        ethernet->type == TYPE_PROVIDER)
        return PARSE_OTHER;
    return PARSE_OK;
}
