/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Frames of kinds that have brought down, or led astray, some stack or some parser before: one of
 * each, written by hand, in the test world's addresses (world.sh).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    const char *name;
    const char *head; /* in hexadecimal, with blanks wherever */
    const char *unit; /* what follows, `times` times; NULL: nothing */
    unsigned times;
    bool lengths; /* the lengths in the headers of IP and UDP are to be made right */
} Nasty;

extern const Nasty nasties[];
extern const size_t n_nasties;

/* What a guest may put before a frame: struct virtio_net_hdr, in hexadecimal. */
extern const char *const nasty_offloads[];
extern const size_t n_nasty_offloads;
