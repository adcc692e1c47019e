/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Frames for tests, built from what a test wants to say. Text addresses are `10.0.0.1` or
 * `fe80::1`; NULL means the usual one. Checksums of IP and UDP are right, so that kernels take them
 * too.
 */
#pragma once

#include "wire/device.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAMES_SIZE_MAX 2048

typedef struct {
    size_t size;
    uint8_t data[FRAMES_SIZE_MAX];
} TestFrame;

extern const uint8_t frames_parent[HWADDR_SIZE]; /* 02:00:00:00:00:01 */
extern const uint8_t frames_router[HWADDR_SIZE]; /* 02:00:00:00:00:02 */
extern const uint8_t frames_guest[HWADDR_SIZE];  /* 52:54:00:12:34:56 */
extern const uint8_t frames_all[HWADDR_SIZE];    /* broadcast */

void frames_address(const char *text, uint8_t *bytes); /* 4 or 16 bytes; aborts on a wrong one */

/* Broadcast from `source`. */
void frames_arp(TestFrame *frame, const uint8_t *source, uint16_t operation, const char *sender,
                const char *target);

typedef struct {
    uint8_t type; /* DHCP message type, 0 for BOOTP */
    uint32_t xid;
    const uint8_t *chaddr;                            /* frames_guest */
    const char *ciaddr, *yiaddr, *requested, *server; /* none */
    uint32_t lease;                                   /* none when 0 */
    const char *client_id;                            /* none */
    const uint8_t *source, *destination;    /* parent and broadcast, or router and broadcast */
    const char *ip_source, *ip_destination; /* 0.0.0.0 and broadcast, or 10.0.0.1 and broadcast */
    bool overload_file, overload_sname;     /* lease and server are there instead */
    bool split_server;                      /* the server's option comes in two pieces */
    bool ip_options;
} FramesDhcp4;

/* Its direction follows from the type. */
void frames_dhcp4(TestFrame *frame, const FramesDhcp4 *dhcp);

typedef struct {
    uint8_t type;               /* 133 to 136 */
    const char *ip_source;      /* fe80::1 */
    const char *ip_destination; /* ff02::1, or the solicited-node group of the target */
    const char *target;
    const uint8_t *source, *destination; /* parent, 33:33:… */
    const uint8_t *link;                 /* a link-layer option */
    uint8_t hop_limit;                   /* 255 */
    const char *prefix;                  /* of a router advertisement, /64 */
    uint32_t valid;
} FramesNd;

void frames_nd(TestFrame *frame, const FramesNd *nd);

typedef struct {
    uint8_t type;
    uint32_t xid;
    const char *client_id;    /* "client" */
    const char *addresses[4]; /* in one IA_NA */
    uint32_t valid;
    uint16_t status;    /* of the message */
    uint16_t ia_status; /* of the association */
    bool rapid_commit;
    bool temporary; /* IA_TA */
    const uint8_t *source, *destination;
    const char *ip_source, *ip_destination; /* fe80::10 and ff02::1:2, or fe80::1 and fe80::10 */
} FramesDhcp6;

void frames_dhcp6(TestFrame *frame, const FramesDhcp6 *dhcp);

/* Changes to a finished frame. */
void frames_tag(TestFrame *frame, uint16_t tag);                  /* an 802.1Q tag */
void frames_extend(TestFrame *frame, uint8_t type, size_t units); /* an IPv6 extension header */
