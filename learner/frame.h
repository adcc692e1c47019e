/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * From the bytes of a captured frame to the one message in it that the learner may care for.
 */
#pragma once

#include "learner/arp.h"
#include "learner/dhcp4.h"
#include "learner/dhcp6.h"
#include "learner/ethernet.h"
#include "learner/nd.h"
#include "learner/udp.h"

typedef enum {
    FRAME_ARP,
    FRAME_ND,
    FRAME_DHCP4,
    FRAME_DHCP6,
} FrameKind;

typedef struct {
    Ethernet ethernet;
    FrameKind kind;
    IpAddress source;      /* of the IP header; not for ARP */
    IpAddress destination; /* the same */
    Udp udp;               /* DHCP */
    union {
        Arp arp;
        Nd nd;
        Dhcp4 dhcp4;
        Dhcp6 dhcp6;
    };
} Frame;

/* Reads a frame that starts with its Ethernet header. DHCP is what is sent to a client's or a
 * server's port and is a message in that direction. Frames of a VLAN are PARSE_OTHER: what is true
 * there is not true here. Only with PARSE_OK is the frame complete, but `ethernet` is always set,
 * to zeros when there is no whole header. */
ParseResult frame_parse(Frame *frame, const uint8_t *data, size_t size);
