/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Frames, and an independent view of their checksums. Nothing here knows the programs.
 */
#include "test-translate-frames.h"

#include <string.h>

#include <glib.h>

const uint8_t PARENT[6] = {0x02, 0xaa, 0xbb, 0xcc, 0xdd, 0xee};
const uint8_t GUEST[6] = {0x52, 0x54, 0x00, 0x12, 0x34, 0x56};
const uint8_t OTHER[6] = {0x0a, 0x01, 0x02, 0x03, 0x04, 0x05};
const uint8_t BROADCAST[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
const uint8_t GUEST4[4] = {192, 0, 2, 10}, OTHER4[4] = {192, 0, 2, 99};
const uint8_t ANY4[4], ALL4[4] = {255, 255, 255, 255};
const uint8_t GUEST6[16] = {0xfe, 0x80, [15] = 0x10}, OTHER6[16] = {0xfe, 0x80, [15] = 0x99};
const uint8_t ANY6[16], NODES6[16] = {0xff, 0x02, [15] = 1};

static void put16(uint8_t *at, uint16_t value)
{
    at[0] = value >> 8;
    at[1] = value;
}

static uint16_t get16(const uint8_t *at)
{
    return at[0] << 8 | at[1];
}

size_t frame_add(Frame *frame, const void *bytes, size_t size)
{
    size_t at = frame->size;

    g_assert(size <= FRAME_MAX - at);
    memcpy(frame->bytes + at, bytes, size);
    frame->size += size;
    return at;
}

static uint8_t *add_zero(Frame *frame, size_t size)
{
    static const uint8_t zero[FRAME_MAX];

    return frame->bytes + frame_add(frame, zero, size);
}

void frame_ethernet(Frame *frame, const uint8_t to[6], const uint8_t from[6], uint16_t type)
{
    frame->size = 0;
    frame_add(frame, to, 6);
    frame_add(frame, from, 6);
    put16(add_zero(frame, 2), type);
}

void frame_tag(Frame *frame, uint16_t id, uint16_t type)
{
    put16(add_zero(frame, 2), id);
    put16(add_zero(frame, 2), type);
}

void frame_arp(Frame *frame, uint16_t operation, const uint8_t sender_mac[6],
               const uint8_t sender[4], const uint8_t target_mac[6], const uint8_t target[4])
{
    frame->network = frame_add(frame, (uint8_t[]){0, 1, 8, 0, 6, 4}, 6);
    put16(add_zero(frame, 2), operation);
    frame_add(frame, sender_mac, 6);
    frame_add(frame, sender, 4);
    frame_add(frame, target_mac, 6);
    frame_add(frame, target, 4);
}

void frame_ipv4(Frame *frame, uint8_t protocol, const uint8_t from[4], const uint8_t to[4],
                size_t options, uint16_t fragment)
{
    uint8_t *ip = add_zero(frame, 20);

    frame->network = ip - frame->bytes;
    ip[0] = 0x45 + options / 4;
    put16(ip + 6, fragment);
    ip[8] = 64;
    ip[9] = protocol;
    memcpy(ip + 12, from, 4);
    memcpy(ip + 16, to, 4);
    memset(add_zero(frame, options), 1, options);
}

void frame_ipv6(Frame *frame, uint8_t next, const uint8_t from[16], const uint8_t to[16])
{
    uint8_t *ip = add_zero(frame, 40);

    frame->network = ip - frame->bytes;
    ip[0] = 0x60;
    ip[6] = next;
    ip[7] = 255;
    memcpy(ip + 8, from, 16);
    memcpy(ip + 24, to, 16);
}

void frame_extension(Frame *frame, uint8_t next, uint8_t type)
{
    frame_add(frame, (uint8_t[]){next, 0, type, 0, 0, 0, 0, 0}, 8);
}

void frame_udp(Frame *frame, uint16_t from, uint16_t to)
{
    uint8_t *udp = add_zero(frame, 8);

    put16(udp, from);
    put16(udp + 2, to);
}

void frame_bootp(Frame *frame, size_t size)
{
    uint8_t *bootp = add_zero(frame, size);

    bootp[0] = 1;
    bootp[1] = 1;
    bootp[2] = 6;
    put16(bootp + 4, 0xbeef);
    if (size >= 34)
        memcpy(bootp + 28, GUEST, 6);
}

void frame_icmpv6(Frame *frame, uint8_t type, const void *body, size_t size)
{
    add_zero(frame, 8)[0] = type;
    frame_add(frame, body, size);
}

void frame_link_option(Frame *frame, uint8_t type, const uint8_t mac[6])
{
    frame_add(frame, (uint8_t[]){type, 1}, 2);
    frame_add(frame, mac, 6);
}

void frame_other_option(Frame *frame, uint8_t units)
{
    uint8_t *option = add_zero(frame, units * 8);

    option[0] = 14; /* a nonce */
    option[1] = units;
    memset(option + 2, 0x5a, units * 8 - 2);
}

static uint32_t sum(const uint8_t *bytes, size_t size)
{
    uint32_t total = 0;

    for (size_t i = 0; i < size; i++)
        total += i % 2 ? bytes[i] : bytes[i] << 8;
    return total;
}

static uint16_t fold(uint32_t total)
{
    while (total >> 16)
        total = (total & 0xffff) + (total >> 16);
    return total;
}

static bool find_upper(const uint8_t *bytes, size_t start, size_t end, uint8_t protocol,
                       uint32_t pseudo, bool ipv6, Checksum *checksum)
{
    size_t field;

    switch (protocol) {
    case 6:
        field = 16;
        break;
    case 17:
        field = 6;
        if (end - start < 8 || get16(bytes + start + 4) < 8 ||
            get16(bytes + start + 4) > end - start)
            return false;
        end = start + get16(bytes + start + 4);
        break;
    case 58:
        field = 2;
        if (!ipv6)
            return false;
        break;
    default:
        return false;
    }
    if (end - start < field + 2)
        return false;
    *checksum = (Checksum){start + field, start, end, pseudo + protocol + (end - start), protocol};
    return true;
}

bool checksum_find(const uint8_t *bytes, size_t size, Checksum *checksum)
{
    size_t at = 14, end;
    uint16_t type;

    if (size < 14)
        return false;
    type = get16(bytes + 12);
    for (int i = 0; i < 2 && (type == 0x8100 || type == 0x88a8); i++) {
        if (size < at + 4)
            return false;
        type = get16(bytes + at + 2);
        at += 4;
    }
    if (type == 0x0800 && size >= at + 20) {
        size_t header = (bytes[at] & 15) * 4;

        end = at + get16(bytes + at + 2);
        if (bytes[at] >> 4 != 4 || header < 20 || end > size || end < at + header ||
            get16(bytes + at + 6) & 0x3fff)
            return false;
        return find_upper(bytes, at + header, end, bytes[at + 9], sum(bytes + at + 12, 8), false,
                          checksum);
    }
    if (type == 0x86dd && size >= at + 40 && bytes[at] >> 4 == 6) {
        uint32_t pseudo = sum(bytes + at + 8, 32);
        uint8_t next = bytes[at + 6];

        end = at + 40 + get16(bytes + at + 4);
        at += 40;
        if (end > size)
            return false;
        for (int i = 0; i < 8; i++) {
            if (next != 0 && next != 43 && next != 60 && next != 51)
                return find_upper(bytes, at, end, next, pseudo, true, checksum);
            if (end - at < 8)
                return false;
            size_t length = next == 51 ? (bytes[at + 1] + 2) * 4 : (bytes[at + 1] + 1) * 8;
            next = bytes[at];
            if (length > end - at)
                return false;
            at += length;
        }
    }
    return false;
}

void checksum_compute(const uint8_t *bytes, const Checksum *checksum, uint8_t value[2])
{
    uint32_t total = checksum->pseudo +
                     sum(bytes + checksum->start, checksum->end - checksum->start) -
                     get16(bytes + checksum->field);
    uint16_t result = ~fold(total);

    put16(value, checksum->protocol == 17 && result == 0 ? 0xffff : result);
}

bool checksum_is_right(const uint8_t *bytes, const Checksum *checksum)
{
    if (checksum->protocol == 17 && get16(bytes + checksum->field) == 0)
        return true;
    return fold(checksum->pseudo + sum(bytes + checksum->start, checksum->end - checksum->start)) ==
           0xffff;
}

void frame_finish(Frame *frame)
{
    uint8_t *ip = frame->bytes + frame->network;
    size_t size = frame->size - frame->network;
    Checksum checksum;

    if (ip[0] >> 4 == 4) {
        size_t header = (ip[0] & 15) * 4;

        put16(ip + 2, size);
        put16(ip + 10, 0);
        put16(ip + 10, ~fold(sum(ip, header)));
        if (ip[9] == 17 && !(get16(ip + 6) & 0x1fff))
            put16(ip + header + 4, size - header);
    } else if (ip[0] >> 4 == 6) {
        put16(ip + 4, size - 40);
        if (ip[6] == 17)
            put16(ip + 44, size - 40);
    }
    if (checksum_find(frame->bytes, frame->size, &checksum))
        checksum_compute(frame->bytes, &checksum, frame->bytes + checksum.field);
}
