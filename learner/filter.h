/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The classic BPF programs of the capture sockets (Documentation/networking/filter.rst): they wake
 * the learner for what it learns from, and for nothing else. They run on packet sockets of type
 * SOCK_RAW, whose data starts with the Ethernet header.
 *
 * A program is a row of named pieces. A piece decides, or passes to the next one; the last drops.
 * All data are read at an offset that an 802.1Q tag and a hop-by-hop header have moved; a read
 * behind the end of the frame drops it. The parsers check everything again.
 *
 *   tap                            parent
 *   direction  leaves the guest    direction  comes from the LAN
 *   vlan       of no VLAN          vlan       the same
 *   -                              forged     source is destination
 *   -                              own        source is the parent itself
 *   tag        steps over a tag    tag        the same
 *   arp        all                 -
 *   dhcpv4     to port 67          dhcpv4     to port 68
 *   ipv6       finds the payload   ipv6       the same
 *   nd         RS, NS, NA          nd         RA, NS, NA
 *   dhcpv6     to port 547         dhcpv6     to port 546
 */
#pragma once

#include "wire/device.h"

#include <glib.h>
#include <linux/filter.h>

#define FILTER_SIZE_MAX 128 /* instructions */
#define FILTER_PIECES_MAX 12

typedef struct {
    struct sock_filter code[FILTER_SIZE_MAX];
    guint n;
    guint n_pieces;
    struct {
        const char *name;
        guint start; /* index of its first instruction */
    } pieces[FILTER_PIECES_MAX];
} Filter;

void filter_tap(Filter *filter);

/* `hwaddr` is the parent's, HWADDR_SIZE bytes. NULL for a socket that is to serve whichever parent
 * appears, whatever its MAC becomes: then the piece `own` is left out, and the core alone drops
 * what a parent seems to have sent itself. */
void filter_parent(Filter *filter, const guint8 *hwaddr);

/* For SO_ATTACH_FILTER; it points into `filter`. */
struct sock_fprog filter_program(Filter *filter);

/* The program for a human: a line an instruction, under the names of the pieces. */
char *filter_text(const Filter *filter);
