/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The learner's core with whole frames: what guests and the LAN say, and what is proposed for it.
 * Taps A and B are on one parent, C is on another. The daemon here accepts everything when
 * `obliging` is set.
 */
#pragma once

#include "frames.h"
#include "learner/core.h"

#include <glib.h>

#define PARENT 3
#define PARENT_OTHER 4
#define TAP_A 1000000
#define TAP_B 1000001
#define TAP_C 1000002

typedef struct {
    Core *core;
    guint64 now;
    gboolean obliging;
    GString *log;
    GArray *accepted; /* of Proposal, told to the core after the call */
} World;

#define assert_log(world, text)                                                                    \
    do {                                                                                           \
        g_assert_cmpstr((world)->log->str, ==, text);                                              \
        g_string_truncate((world)->log, 0);                                                        \
    } while (0)

/* From a guest for the ifindex of a tap, from the LAN for that of a parent. */
void feed(World *world, guint32 ifindex, const TestFrame *frame);
void dhcp4(World *world, guint32 ifindex, FramesDhcp4 dhcp);
void nd(World *world, guint32 ifindex, FramesNd message);
void dhcp6(World *world, guint32 ifindex, FramesDhcp6 dhcp);
void arp(World *world, guint32 ifindex, const char *sender);

#define DISCOVER(id, ...) ((FramesDhcp4){.type = 1, .xid = id, __VA_ARGS__})
#define REQUEST(id, ...) ((FramesDhcp4){.type = 3, .xid = id, __VA_ARGS__})
#define OFFER(id, address, ...)                                                                    \
    ((FramesDhcp4){.type = 2, .xid = id, .yiaddr = address, .server = "10.0.0.1", __VA_ARGS__})
#define ACK(id, address, ...)                                                                      \
    ((FramesDhcp4){                                                                                \
        .type = 5, .xid = id, .yiaddr = address, .server = "10.0.0.1", .lease = 900, __VA_ARGS__})
#define UNICAST(address) .destination = frames_parent, .ip_destination = address

void get_lease(World *world, guint32 ifindex, guint32 xid, const char *address);

/* Lets so many milliseconds pass. */
void wait_for(World *world, guint64 time);
guint64 counted(World *world, guint32 ifindex, Counter counter);

typedef struct {
    const char *name;
    void (*test)(World *world);
} Case;

/* Each case in a world of its own, as /learner/FOLDER/NAME. */
int run_cases(int *argcp, char ***argvp, const char *folder, const Case *cases, gsize n);
