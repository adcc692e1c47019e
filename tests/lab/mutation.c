/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "mutation.h"

#include <netinet/in.h>
#include <string.h>

#define MUTATIONS_MAX 6
#define PIECE_MAX 32

/* xorshift64: good enough, and the same everywhere. */
uint64_t chance_below(uint64_t *chance, uint64_t limit)
{
    *chance ^= *chance << 13;
    *chance ^= *chance >> 7;
    *chance ^= *chance << 17;
    return *chance % limit;
}

static uint16_t get16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static void put16(uint8_t *at, size_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static bool is_ipv4(const Frame *frame)
{
    return frame->size >= ETHERNET + 20 && get16(frame->data + 12) == 0x0800;
}

static bool is_ipv6(const Frame *frame)
{
    return frame->size >= ETHERNET + 40 && get16(frame->data + 12) == 0x86dd;
}

void frame_set_lengths(Frame *frame)
{
    uint8_t *ip = frame->data + ETHERNET;
    size_t size = frame->size - ETHERNET;

    if (is_ipv4(frame)) {
        put16(ip + 2, size);
        if (ip[9] == IPPROTO_UDP && size >= 28)
            put16(ip + 24, size - 20);
    } else if (is_ipv6(frame)) {
        put16(ip + 4, size - 40);
        if (ip[6] == IPPROTO_UDP && size >= 48)
            put16(ip + 44, size - 40);
    }
}

static uint16_t checksum(const uint8_t *data, size_t size, uint32_t total)
{
    for (size_t i = 0; i + 1 < size; i += 2)
        total += get16(data + i);
    if (size % 2)
        total += (uint32_t)(data[size - 1] << 8);
    while (total >> 16)
        total = (total & 0xffff) + (total >> 16);
    return (uint16_t)~total;
}

void frame_set_checksums(Frame *frame)
{
    uint8_t *ip = frame->data + ETHERNET;
    size_t size = frame->size - ETHERNET;

    if (is_ipv4(frame)) {
        put16(ip + 10, 0);
        put16(ip + 10, checksum(ip, 20, 0));
        if (ip[9] == IPPROTO_UDP && size >= 28)
            put16(ip + 26, 0);
    } else if (is_ipv6(frame) && ip[6] == IPPROTO_ICMPV6 && size >= 44) {
        put16(ip + 42, 0);
        /* Of the pseudo header the addresses lie before the data. */
        put16(ip + 42, checksum(ip + 8, size - 8, (uint32_t)size - 40 + IPPROTO_ICMPV6));
    }
}

/* The corpora speak of 10.0.0.X, 2001:db8:: and fe80::, and the rest of the world's own. */
static bool is_address(const uint8_t *at, size_t left, size_t size)
{
    static const uint8_t lan4[] = {10, 0, 0}, own4[] = {192, 0, 2};
    static const uint8_t lan6[] = {0x20, 0x01, 0x0d, 0xb8}, local[] = {0xfe, 0x80, 0, 0};

    if (left < size)
        return false;
    if (size == 4)
        return memcmp(at, lan4, sizeof(lan4)) == 0 || memcmp(at, own4, sizeof(own4)) == 0;
    return memcmp(at, lan6, sizeof(lan6)) == 0 || memcmp(at, local, sizeof(local)) == 0;
}

static void settle(Frame *frame, const World *world, uint64_t *chance)
{
    for (size_t i = ETHERNET; i < frame->size; i++) {
        const Place *place = &world->places[chance_below(chance, world->n_places)];

        if (is_address(frame->data + i, frame->size - i, place->size))
            memcpy(frame->data + i, place->bytes, place->size);
    }
    memcpy(frame->data + 6, world->macs[chance_below(chance, world->n_macs)], 6);
    if (chance_below(chance, 8))
        memcpy(frame->data, world->macs[chance_below(chance, world->n_macs)], 6);
}

static void change(Frame *frame, const Frame *other, uint64_t *chance)
{
    static const uint8_t extremes[] = {0, 1, 127, 128, 255}; /* what lengths are afraid of */
    size_t at = chance_below(chance, frame->size);
    size_t piece = chance_below(chance, PIECE_MAX);

    switch (chance_below(chance, 6)) {
    case 0:
        frame->data[at] = (uint8_t)chance_below(chance, 256);
        break;
    case 1:
        frame->data[at] ^= (uint8_t)(1u << chance_below(chance, 8));
        break;
    case 2:
        frame->data[at] = extremes[chance_below(chance, sizeof(extremes))];
        break;
    case 3:
        if (piece < frame->size - at && piece < other->size)
            memcpy(frame->data + at, other->data + chance_below(chance, other->size - piece),
                   piece);
        break;
    case 4: /* longer, by some of itself */
        if (piece < frame->size && piece < FRAME_MAX - frame->size) {
            memcpy(frame->data + frame->size, frame->data + frame->size - piece, piece);
            frame->size += piece;
        }
        break;
    default: /* shorter; rarely, since little is left of it then */
        if (at >= ETHERNET && chance_below(chance, 4) == 0)
            frame->size = at;
    }
}

void frame_mutate(Frame *frame, const Frame *base, const Frame *other, const World *world,
                  uint64_t *chance)
{
    *frame = *base;
    if (chance_below(chance, 4))
        settle(frame, world, chance);
    for (uint64_t n = chance_below(chance, MUTATIONS_MAX + 1); n > 0; n--)
        change(frame, other, chance);
    if (chance_below(chance, 2))
        frame_set_lengths(frame);
    if (chance_below(chance, 4))
        frame_set_checksums(frame);
}
