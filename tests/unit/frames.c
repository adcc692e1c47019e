/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors */
#include "frames.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

const uint8_t frames_parent[HWADDR_SIZE] = {0x02, 0, 0, 0, 0, 0x01};
const uint8_t frames_router[HWADDR_SIZE] = {0x02, 0, 0, 0, 0, 0x02};
const uint8_t frames_guest[HWADDR_SIZE] = {0x52, 0x54, 0, 0x12, 0x34, 0x56};
const uint8_t frames_all[HWADDR_SIZE] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

void frames_address(const char *text, uint8_t *bytes)
{
    if (inet_pton(strchr(text, ':') ? AF_INET6 : AF_INET, text, bytes) != 1)
        abort();
}

static void put(TestFrame *frame, const void *data, size_t size)
{
    if (size > sizeof(frame->data) - frame->size)
        abort();
    memcpy(frame->data + frame->size, data, size);
    frame->size += size;
}

static void put_zeros(TestFrame *frame, size_t size)
{
    static const uint8_t zeros[256];

    put(frame, zeros, size);
}

static void put_u8(TestFrame *frame, uint8_t value)
{
    put(frame, &value, 1);
}

static void put_u16(TestFrame *frame, uint16_t value)
{
    value = htons(value);
    put(frame, &value, 2);
}

static void put_u32(TestFrame *frame, uint32_t value)
{
    value = htonl(value);
    put(frame, &value, 4);
}

static void put_address(TestFrame *frame, const char *text)
{
    uint8_t bytes[16];

    frames_address(text, bytes);
    put(frame, bytes, strchr(text, ':') ? 16 : 4);
}

static void set_u16(TestFrame *frame, size_t at, uint16_t value)
{
    frame->data[at] = (uint8_t)(value >> 8);
    frame->data[at + 1] = (uint8_t)value;
}

static uint32_t sum(const TestFrame *frame, size_t from, size_t to, uint32_t start)
{
    for (size_t i = from; i < to; i++)
        start += (i - from) % 2 ? frame->data[i] : (uint32_t)frame->data[i] << 8;
    return start;
}

static uint16_t fold(uint32_t value)
{
    while (value >> 16)
        value = (value & 0xffff) + (value >> 16);
    return (uint16_t)~value;
}

static void put_ethernet(TestFrame *frame, const uint8_t *destination, const uint8_t *source,
                         uint16_t type)
{
    frame->size = 0;
    put(frame, destination, HWADDR_SIZE);
    put(frame, source, HWADDR_SIZE);
    put_u16(frame, type);
}

void frames_arp(TestFrame *frame, const uint8_t *source, uint16_t operation, const char *sender,
                const char *target)
{
    put_ethernet(frame, frames_all, source, 0x0806);
    put_u16(frame, 1);
    put_u16(frame, 0x0800);
    put_u8(frame, HWADDR_SIZE);
    put_u8(frame, 4);
    put_u16(frame, operation);
    put(frame, source, HWADDR_SIZE);
    put_address(frame, sender);
    put_zeros(frame, HWADDR_SIZE);
    put_address(frame, target);
}

static size_t put_ipv4(TestFrame *frame, const char *source, const char *destination, bool options)
{
    size_t at = frame->size;

    put_u16(frame, options ? 0x4600 : 0x4500);
    put_zeros(frame, 6);
    put_u8(frame, 64);
    put_u8(frame, 17);
    put_zeros(frame, 2);
    put_address(frame, source);
    put_address(frame, destination);
    if (options)
        put_u32(frame, 0x94040000); /* router alert */
    return at;
}

static size_t put_udp(TestFrame *frame, uint16_t source, uint16_t destination)
{
    size_t at = frame->size;

    put_u16(frame, source);
    put_u16(frame, destination);
    put_zeros(frame, 4);
    return at;
}

static void finish_udp(TestFrame *frame, size_t at, size_t addresses, size_t addresses_size)
{
    size_t size = frame->size - at;

    set_u16(frame, at + 4, (uint16_t)size);
    set_u16(frame, at + 6,
            fold(sum(frame, at, frame->size,
                     sum(frame, addresses, addresses + addresses_size, 17 + (uint32_t)size))));
}

static void finish_ipv4(TestFrame *frame, size_t at, size_t payload)
{
    set_u16(frame, at + 2, (uint16_t)(frame->size - at));
    set_u16(frame, at + 10, fold(sum(frame, at, payload, 0)));
}

static void put_option(TestFrame *frame, uint8_t code, const void *data, size_t size)
{
    put_u8(frame, code);
    put_u8(frame, (uint8_t)size);
    put(frame, data, size);
}

static void put_option_address(TestFrame *frame, uint8_t code, const char *text)
{
    uint8_t bytes[4];

    if (!text)
        return;
    frames_address(text, bytes);
    put_option(frame, code, bytes, 4);
}

static void put_lease(TestFrame *frame, const FramesDhcp4 *dhcp)
{
    uint32_t lease = htonl(dhcp->lease);

    if (dhcp->lease > 0)
        put_option(frame, 51, &lease, 4);
}

static void put_server(TestFrame *frame, const FramesDhcp4 *dhcp)
{
    uint8_t bytes[4];

    if (dhcp->server && dhcp->split_server) {
        frames_address(dhcp->server, bytes);
        put_option(frame, 54, bytes, 1);
        put_option(frame, 54, bytes + 1, 3);
    } else {
        put_option_address(frame, 54, dhcp->server);
    }
}

/* A field of `sname` or `file`, filled with one option and the end. */
static void put_field(TestFrame *frame, size_t size, const FramesDhcp4 *dhcp, bool used,
                      void (*option)(TestFrame *, const FramesDhcp4 *))
{
    size_t start = frame->size;

    if (used) {
        option(frame, dhcp);
        put_u8(frame, 255);
    }
    put_zeros(frame, size - (frame->size - start));
}

static void put_dhcp4(TestFrame *frame, const FramesDhcp4 *dhcp, bool reply)
{
    uint8_t overload = (uint8_t)(dhcp->overload_file | dhcp->overload_sname << 1);

    put_u8(frame, reply ? 2 : 1);
    put_u8(frame, 1);
    put_u8(frame, HWADDR_SIZE);
    put_u8(frame, 0);
    put_u32(frame, dhcp->xid);
    put_u32(frame, 0x00008000);
    put_address(frame, dhcp->ciaddr ? dhcp->ciaddr : "0.0.0.0");
    put_address(frame, dhcp->yiaddr ? dhcp->yiaddr : "0.0.0.0");
    put_zeros(frame, 8);
    put(frame, dhcp->chaddr ? dhcp->chaddr : frames_guest, HWADDR_SIZE);
    put_zeros(frame, 10);
    put_field(frame, 64, dhcp, dhcp->overload_sname, put_server);
    put_field(frame, 128, dhcp, dhcp->overload_file, put_lease);
    put_u32(frame, 0x63825363);
    if (dhcp->type > 0)
        put_option(frame, 53, &dhcp->type, 1);
    if (overload)
        put_option(frame, 52, &overload, 1);
    put_option_address(frame, 50, dhcp->requested);
    if (!dhcp->overload_file)
        put_lease(frame, dhcp);
    put_u8(frame, 0); /* padding */
    if (!dhcp->overload_sname)
        put_server(frame, dhcp);
    if (dhcp->client_id)
        put_option(frame, 61, dhcp->client_id, strlen(dhcp->client_id));
    put_u8(frame, 255);
}

void frames_dhcp4(TestFrame *frame, const FramesDhcp4 *dhcp)
{
    bool reply = dhcp->type == 2 || dhcp->type == 5 || dhcp->type == 6;
    const uint8_t *source = reply ? frames_router : frames_parent;
    size_t ip, udp;

    put_ethernet(frame, dhcp->destination ? dhcp->destination : frames_all,
                 dhcp->source ? dhcp->source : source, 0x0800);
    ip =
        put_ipv4(frame,
                 dhcp->ip_source ? dhcp->ip_source
                 : reply         ? "10.0.0.1"
                                 : "0.0.0.0",
                 dhcp->ip_destination ? dhcp->ip_destination : "255.255.255.255", dhcp->ip_options);
    udp = put_udp(frame, reply ? 67 : 68, reply ? 68 : 67);
    put_dhcp4(frame, dhcp, reply);
    finish_udp(frame, udp, ip + 12, 8);
    finish_ipv4(frame, ip, udp);
}

static size_t put_ipv6(TestFrame *frame, const uint8_t *source, const uint8_t *destination,
                       uint8_t next, uint8_t hop_limit, const char *ip_source,
                       const uint8_t ip_destination[static 16])
{
    uint8_t group[HWADDR_SIZE] = {0x33, 0x33};

    memcpy(group + 2, ip_destination + 12, 4);
    if (!destination)
        destination = ip_destination[0] == 0xff ? group : frames_parent;
    put_ethernet(frame, destination, source, 0x86dd);
    put_u32(frame, 0x60000000);
    put_u16(frame, 0);
    put_u8(frame, next);
    put_u8(frame, hop_limit);
    put_address(frame, ip_source);
    put(frame, ip_destination, 16);
    return 14;
}

static void finish_ipv6(TestFrame *frame, size_t ip)
{
    set_u16(frame, ip + 4, (uint16_t)(frame->size - ip - 40));
}

/* A router advertisement's body and its one prefix. */
static void put_router(TestFrame *frame, const FramesNd *nd)
{
    put_u32(frame, 0x40000708); /* hop limit 64, 1,800 s */
    put_zeros(frame, 8);
    if (!nd->prefix)
        return;
    put_u32(frame, 0x030440c0); /* /64, on link and autonomous */
    put_u32(frame, nd->valid);
    put_u32(frame, nd->valid);
    put_zeros(frame, 4);
    put_address(frame, nd->prefix);
}

void frames_nd(TestFrame *frame, const FramesNd *nd)
{
    uint8_t destination[16];
    size_t ip, icmp;
    uint32_t pseudo;

    frames_address("ff02::1", destination);
    if (nd->ip_destination) {
        frames_address(nd->ip_destination, destination);
    } else if (nd->type == 135) {
        frames_address(nd->target, destination);
        memcpy(destination, "\xff\x02\0\0\0\0\0\0\0\0\0\x01\xff", 13);
    }
    ip = put_ipv6(frame, nd->source ? nd->source : frames_parent, nd->destination, 58,
                  nd->hop_limit ? nd->hop_limit : 255, nd->ip_source ? nd->ip_source : "fe80::1",
                  destination);
    icmp = frame->size;
    put_u8(frame, nd->type);
    put_zeros(frame, 3);
    if (nd->type == 134)
        put_router(frame, nd);
    else
        put_zeros(frame, 4);
    if (nd->type > 134)
        put_address(frame, nd->target);
    if (nd->link) {
        put_u16(frame, nd->type == 136 ? 0x0201 : 0x0101);
        put(frame, nd->link, HWADDR_SIZE);
    }
    finish_ipv6(frame, ip);
    pseudo = sum(frame, ip + 8, ip + 40, 58 + (uint32_t)(frame->size - icmp));
    set_u16(frame, icmp + 2, fold(sum(frame, icmp, frame->size, pseudo)));
}

static void put_status(TestFrame *frame, uint16_t status)
{
    if (status == 0)
        return;
    put_u16(frame, 13);
    put_u16(frame, 2);
    put_u16(frame, status);
}

static void put_association(TestFrame *frame, const FramesDhcp6 *dhcp)
{
    size_t start;

    put_u16(frame, dhcp->temporary ? 4 : 3);
    start = frame->size;
    put_u16(frame, 0);
    put_zeros(frame, dhcp->temporary ? 4 : 12);
    for (size_t i = 0; i < sizeof(dhcp->addresses) / sizeof(dhcp->addresses[0]); i++) {
        if (!dhcp->addresses[i])
            break;
        put_u16(frame, 5);
        put_u16(frame, 24);
        put_address(frame, dhcp->addresses[i]);
        put_u32(frame, dhcp->valid);
        put_u32(frame, dhcp->valid);
    }
    put_status(frame, dhcp->ia_status);
    set_u16(frame, start, (uint16_t)(frame->size - start - 2));
}

void frames_dhcp6(TestFrame *frame, const FramesDhcp6 *dhcp)
{
    bool reply = dhcp->type == 2 || dhcp->type == 7;
    const char *id = dhcp->client_id ? dhcp->client_id : "client";
    const char *to = reply ? "fe80::10" : "ff02::1:2";
    uint8_t destination[16];
    size_t ip, udp;

    frames_address(dhcp->ip_destination ? dhcp->ip_destination : to, destination);
    ip = put_ipv6(frame,
                  dhcp->source ? dhcp->source
                  : reply      ? frames_router
                               : frames_parent,
                  dhcp->destination, 17, 64,
                  dhcp->ip_source ? dhcp->ip_source
                  : reply         ? "fe80::1"
                                  : "fe80::10",
                  destination);
    udp = put_udp(frame, reply ? 547 : 546, reply ? 546 : 547);
    put_u32(frame, (uint32_t)dhcp->type << 24 | dhcp->xid);
    if (*id) {
        put_u16(frame, 1);
        put_u16(frame, (uint16_t)strlen(id));
        put(frame, id, strlen(id));
    }
    if (dhcp->rapid_commit)
        put_u32(frame, 0x000e0000);
    put_status(frame, dhcp->status);
    put_association(frame, dhcp);
    finish_udp(frame, udp, ip + 8, 32);
    finish_ipv6(frame, ip);
}

static void insert(TestFrame *frame, size_t at, const uint8_t *data, size_t size)
{
    if (size > sizeof(frame->data) - frame->size)
        abort();
    memmove(frame->data + at + size, frame->data + at, frame->size - at);
    memcpy(frame->data + at, data, size);
    frame->size += size;
}

void frames_tag(TestFrame *frame, uint16_t tag)
{
    uint8_t bytes[4] = {0x81, 0x00, (uint8_t)(tag >> 8), (uint8_t)tag};

    insert(frame, 12, bytes, sizeof(bytes));
}

void frames_extend(TestFrame *frame, uint8_t type, size_t units)
{
    uint8_t header[64] = {frame->data[20], (uint8_t)(units - 1), 1, 4};
    uint16_t size = (uint16_t)(frame->data[18] << 8 | frame->data[19]);

    if (units * 8 > sizeof(header))
        abort();
    if (type == 43 || type == 44)
        memset(header + 2, 0, 6);
    frame->data[20] = type;
    set_u16(frame, 18, (uint16_t)(size + units * 8));
    insert(frame, 54, header, units * 8);
}
