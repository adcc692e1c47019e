/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Frames a second through the core, for an ordinary mix: 64 guests that resolve neighbours, probe
 * for duplicates, and get, renew and give back leases. Beside it what the same machine needs at the
 * same time to copy the same frames and add up their bytes as a checksum does: the ratio of the two
 * is worth comparing between machines, the figures themselves are not.
 */
#include "../unit/frames.h"
#include "learner/core.h"

#include <stdio.h>
#include <string.h>

#define GUESTS 64
#define PARENT 3
#define FIRST_PORT 1000000
#define SECONDS 1.0

typedef struct {
    guint32 ifindex;
    CoreDirection direction;
    TestFrame frame;
} Step;

typedef struct {
    Core *core;
    guint64 n_proposals;
    Proposal bound[32]; /* to be accepted after the call */
    unsigned n_bound;
} World;

static void sink(const Proposal *proposal, void *data)
{
    World *world = data;

    world->n_proposals++;
    if ((proposal->kind == PROPOSAL_BIND || proposal->kind == PROPOSAL_EXTEND) &&
        world->n_bound < G_N_ELEMENTS(world->bound))
        world->bound[world->n_bound++] = *proposal;
}

static Step *add(GArray *steps, guint32 ifindex, CoreDirection direction)
{
    g_array_set_size(steps, steps->len + 1);
    g_array_index(steps, Step, steps->len - 1).ifindex = ifindex;
    g_array_index(steps, Step, steps->len - 1).direction = direction;
    return &g_array_index(steps, Step, steps->len - 1);
}

/* What one guest does in a day: one lease with a renewal, and much ARP and ND. */
static void add_guest(GArray *steps, guint32 i)
{
    g_autofree char *v4 = g_strdup_printf("10.0.1.%u", i + 1);
    g_autofree char *v6 = g_strdup_printf("fe80::%x", i + 0x100);
    guint32 port = FIRST_PORT + i;
    FramesDhcp4 dhcp = {.type = 1, .xid = i};

    frames_dhcp4(&add(steps, port, CORE_FROM_GUEST)->frame, &dhcp);
    dhcp = (FramesDhcp4){.type = 2,
                         .xid = i,
                         .yiaddr = v4,
                         .server = "10.0.0.1",
                         .destination = frames_parent,
                         .ip_destination = v4};
    frames_dhcp4(&add(steps, PARENT, CORE_FROM_LAN)->frame, &dhcp);
    dhcp = (FramesDhcp4){.type = 3, .xid = i, .requested = v4, .server = "10.0.0.1"};
    frames_dhcp4(&add(steps, port, CORE_FROM_GUEST)->frame, &dhcp);
    dhcp = (FramesDhcp4){.type = 5, .xid = i, .yiaddr = v4, .server = "10.0.0.1", .lease = 3600};
    frames_dhcp4(&add(steps, PARENT, CORE_FROM_LAN)->frame, &dhcp);
    frames_nd(&add(steps, port, CORE_FROM_GUEST)->frame,
              &(FramesNd){.type = 135, .ip_source = "::", .target = v6});
    frames_nd(&add(steps, port, CORE_FROM_GUEST)->frame,
              &(FramesNd){.type = 133, .ip_source = v6, .link = frames_parent});
    frames_nd(
        &add(steps, PARENT, CORE_FROM_LAN)->frame,
        &(FramesNd){.type = 134, .source = frames_router, .prefix = "2001:db8::", .valid = 86400});
    for (unsigned n = 0; n < 10; n++) {
        frames_arp(&add(steps, port, CORE_FROM_GUEST)->frame, frames_parent, 1, v4, "10.0.0.1");
        frames_nd(&add(steps, port, CORE_FROM_GUEST)->frame,
                  &(FramesNd){.type = 136, .ip_source = v6, .target = v6, .link = frames_parent});
        frames_nd(
            &add(steps, PARENT, CORE_FROM_LAN)->frame,
            &(FramesNd){.type = 135, .target = v6, .source = frames_router, .link = frames_router});
    }
    dhcp = (FramesDhcp4){.type = 7, .xid = i, .ciaddr = v4};
    frames_dhcp4(&add(steps, port, CORE_FROM_GUEST)->frame, &dhcp);
}

static double core_round(World *world, const GArray *steps, guint64 *nowp)
{
    gint64 start = g_get_monotonic_time();

    for (guint i = 0; i < steps->len; i++) {
        const Step *step = &g_array_index(steps, Step, i);

        *nowp += 20;
        core_feed(world->core, step->ifindex, step->direction, step->frame.data, step->frame.size,
                  *nowp);
        if (core_next(world->core) <= *nowp)
            (void)core_tick(world->core, *nowp);
        for (unsigned j = 0; j < world->n_bound; j++)
            core_verdict(world->core, world->bound[j].port, &world->bound[j].address,
                         VERDICT_ACCEPTED, world->bound[j].source, world->bound[j].lifetime, *nowp);
        world->n_bound = 0;
    }
    return (double)(g_get_monotonic_time() - start) / G_USEC_PER_SEC;
}

/* The yardstick. The copy and the sum are used, so that they are made. */
static double copy_round(const GArray *steps, guint64 *sump)
{
    static guint8 copy[FRAMES_SIZE_MAX];
    gint64 start = g_get_monotonic_time();

    for (guint i = 0; i < steps->len; i++) {
        const TestFrame *frame = &g_array_index(steps, Step, i).frame;

        memcpy(copy, frame->data, frame->size);
        for (size_t at = 0; at + 1 < frame->size; at += 2)
            *sump += (guint64)copy[at] << 8 | copy[at + 1];
    }
    return (double)(g_get_monotonic_time() - start) / G_USEC_PER_SEC;
}

int main(void)
{
    g_autoptr(GArray) steps = g_array_new(FALSE, TRUE, sizeof(Step));
    World world = {0};
    double core_time = 0, copy_time = 0;
    guint64 now = 1, sum = 0, rounds = 0;

    world.core = core_new(1, sink, &world);
    (void)core_parent_set(world.core, PARENT, frames_parent);
    for (guint32 i = 0; i < GUESTS; i++) {
        CorePort port = {.ifindex = FIRST_PORT + i, .parent = PARENT, .addresses = 8, .arp = TRUE};

        (void)core_port_add(world.core, &port);
        add_guest(steps, i);
    }
    while (core_time < SECONDS) {
        core_time += core_round(&world, steps, &now);
        copy_time += copy_round(steps, &sum);
        rounds++;
    }
    printf("learner: %.0f frames/s through the core, %.0f copied and summed, ratio %.2f "
           "(%u frames a round, %" G_GUINT64_FORMAT " proposals, sum %" G_GINT64_MODIFIER "x)\n",
           (double)(rounds * steps->len) / core_time, (double)(rounds * steps->len) / copy_time,
           copy_time / core_time, steps->len, world.n_proposals, sum);
    core_free(world.core);
    return 0;
}
