/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * For the tests of translate/: making frames, and checking their checksums without the help of what
 * is tested.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_MAX 2048

typedef struct {
    uint8_t bytes[FRAME_MAX];
    size_t size;
    size_t network; /* of the last ARP or IP header that was added */
} Frame;

extern const uint8_t PARENT[6], GUEST[6], OTHER[6], BROADCAST[6];
extern const uint8_t GUEST4[4], OTHER4[4], ANY4[4], ALL4[4];
extern const uint8_t GUEST6[16], OTHER6[16], ANY6[16], NODES6[16];

/* Each appends, and says where. */
size_t frame_add(Frame *frame, const void *bytes, size_t size);
void frame_ethernet(Frame *frame, const uint8_t to[6], const uint8_t from[6], uint16_t type);
/* Behind the Ethernet header or another tag, whose type must be 0x8100 or 0x88a8. */
void frame_tag(Frame *frame, uint16_t id, uint16_t type);
void frame_arp(Frame *frame, uint16_t operation, const uint8_t sender_mac[6],
               const uint8_t sender[4], const uint8_t target_mac[6], const uint8_t target[4]);
/* `options` bytes of no-operation, a multiple of 4; `fragment` as in the header's field. */
void frame_ipv4(Frame *frame, uint8_t protocol, const uint8_t from[4], const uint8_t to[4],
                size_t options, uint16_t fragment);
void frame_ipv6(Frame *frame, uint8_t next, const uint8_t from[16], const uint8_t to[16]);
/* An extension header of 8 bytes; `type` is its third byte. */
void frame_extension(Frame *frame, uint8_t next, uint8_t type);
void frame_udp(Frame *frame, uint16_t from, uint16_t to);
/* A BOOTP request with `size` >= 12 bytes behind the UDP header, chaddr is the guest's MAC. */
void frame_bootp(Frame *frame, size_t size);
/* Header, four reserved bytes, then `body` (a target, say). */
void frame_icmpv6(Frame *frame, uint8_t type, const void *body, size_t size);
void frame_link_option(Frame *frame, uint8_t type, const uint8_t mac[6]);
/* An option of `units` * 8 bytes without meaning. */
void frame_other_option(Frame *frame, uint8_t units);
/* Fills in lengths and checksums. */
void frame_finish(Frame *frame);

/* Where the upper checksum is and what it covers, read with the strictness of a receiver: false for
 * fragments, truncated packets and protocols without one. */
typedef struct {
    size_t field;
    size_t start;
    size_t end;
    uint32_t pseudo; /* sum of the pseudo header */
    uint8_t protocol;
} Checksum;

bool checksum_find(const uint8_t *bytes, size_t size, Checksum *checksump);
/* The value that belongs into the field, as stored there. */
void checksum_compute(const uint8_t *bytes, const Checksum *checksum, uint8_t value[2]);
/* UDP over IPv4 may have none: right as well. */
bool checksum_is_right(const uint8_t *bytes, const Checksum *checksum);
