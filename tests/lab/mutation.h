/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Frames made of other frames, for bombard.c: first they concern somebody (addresses of the test's
 * world), then bits, bytes and lengths change, and checksums are made right or not. One number
 * decides all of it, so the same seed makes the same frames.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_MAX 1514
#define ETHERNET 14

typedef struct {
    size_t size;
    uint8_t data[FRAME_MAX];
} Frame;

typedef struct {
    uint8_t size; /* 4 or 16 */
    uint8_t bytes[16];
} Place;

/* Of whom frames are to speak: MACs and addresses. */
#define WORLD_MAX 32
typedef struct {
    uint8_t macs[WORLD_MAX][6];
    size_t n_macs;
    Place places[WORLD_MAX];
    size_t n_places;
} World;

/* Of [0, limit). */
uint64_t chance_below(uint64_t *chance, uint64_t limit);

/* The lengths in the headers of IP and UDP, as the frame's size has it. */
void frame_set_lengths(Frame *frame);
/* The checksums of IPv4's header and of ICMPv6; that of UDP over IPv4 is left out. Both only where
 * no other header lies in between. */
void frame_set_checksums(Frame *frame);

/* `frame` becomes one like `base`, with pieces of `other`. */
void frame_mutate(Frame *frame, const Frame *base, const Frame *other, const World *world,
                  uint64_t *chance);
