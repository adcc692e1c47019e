/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "test-learner-world.h"

static void sink(const Proposal *proposal, void *data)
{
    World *world = data;
    char address[IP_TEXT_SIZE];

    ip_format(&proposal->address, address);
    g_string_append_printf(world->log, "%s%s %c %s", world->log->len > 0 ? ", " : "",
                           proposal_kind_text(proposal->kind), 'A' + (char)(proposal->port - TAP_A),
                           address);
    if (proposal->kind == PROPOSAL_UNBIND)
        g_string_append_printf(world->log, " %s", unbind_reason_text(proposal->reason));
    if (proposal->kind == PROPOSAL_BIND || proposal->kind == PROPOSAL_EXTEND) {
        g_string_append_printf(world->log, " %s %u", binding_source_text(proposal->source),
                               proposal->lifetime);
        g_array_append_val(world->accepted, *proposal);
    }
    if (proposal->kind == PROPOSAL_REPLAY) {
        g_assert_cmpmem(proposal->frame, 6, frames_parent, 6);
        g_assert_cmpmem(proposal->frame + 6, 6, frames_parent, 6);
    }
}

static void world_init(World *world)
{
    CorePort port = {.parent = PARENT, .addresses = 8, .arp = TRUE};

    *world = (World){.now = 1000, .obliging = TRUE, .log = g_string_new(NULL)};
    world->accepted = g_array_new(FALSE, FALSE, sizeof(Proposal));
    world->core = core_new(7, sink, world);
    g_assert_true(core_parent_set(world->core, PARENT, frames_parent));
    g_assert_true(core_parent_set(world->core, PARENT_OTHER, frames_parent));
    for (port.ifindex = TAP_A; port.ifindex <= TAP_B; port.ifindex++)
        g_assert_true(core_port_add(world->core, &port));
    port.parent = PARENT_OTHER;
    g_assert_true(core_port_add(world->core, &port));
}

static void world_deinit(World *world)
{
    core_free(world->core);
    g_string_free(world->log, TRUE);
    g_array_unref(world->accepted);
}

static void oblige(World *world)
{
    for (guint i = 0; i < world->accepted->len && world->obliging; i++) {
        const Proposal *proposal = &g_array_index(world->accepted, Proposal, i);

        core_verdict(world->core, proposal->port, &proposal->address, VERDICT_ACCEPTED,
                     proposal->source, proposal->lifetime, world->now);
    }
    g_array_set_size(world->accepted, 0);
}

void feed(World *world, guint32 ifindex, const TestFrame *frame)
{
    /* In memory of its exact size, so that the sanitizer sees a byte too many. */
    g_autofree guint8 *copy = g_memdup2(frame->data, frame->size);

    core_feed(world->core, ifindex, ifindex >= TAP_A ? CORE_FROM_GUEST : CORE_FROM_LAN, copy,
              frame->size, world->now);
    oblige(world);
}

void wait_for(World *world, guint64 time)
{
    guint64 end = world->now + time;

    while (core_next(world->core) <= end) {
        world->now = MAX(world->now, core_next(world->core));
        core_tick(world->core, world->now);
        oblige(world);
    }
    world->now = end;
}

guint64 counted(World *world, guint32 ifindex, Counter counter)
{
    const Counters *counters = ifindex >= TAP_A ? core_port_counters(world->core, ifindex)
                                                : core_parent_counters(world->core, ifindex);

    return counters->n[counter];
}

void dhcp4(World *world, guint32 ifindex, FramesDhcp4 dhcp)
{
    TestFrame frame;

    frames_dhcp4(&frame, &dhcp);
    feed(world, ifindex, &frame);
}

void nd(World *world, guint32 ifindex, FramesNd message)
{
    TestFrame frame;

    if (ifindex < TAP_A && !message.source)
        message.source = frames_router;
    frames_nd(&frame, &message);
    feed(world, ifindex, &frame);
}

void dhcp6(World *world, guint32 ifindex, FramesDhcp6 dhcp)
{
    TestFrame frame;

    frames_dhcp6(&frame, &dhcp);
    feed(world, ifindex, &frame);
}

void arp(World *world, guint32 ifindex, const char *sender)
{
    TestFrame frame;

    frames_arp(&frame, frames_parent, 1, sender, "10.0.0.1");
    feed(world, ifindex, &frame);
}

void get_lease(World *world, guint32 ifindex, guint32 xid, const char *address)
{
    dhcp4(world, ifindex, DISCOVER(xid));
    dhcp4(world, PARENT, OFFER(xid, address));
    dhcp4(world, ifindex, REQUEST(xid, .requested = address, .server = "10.0.0.1"));
    dhcp4(world, PARENT, ACK(xid, address));
    g_string_truncate(world->log, 0);
}

static void run(gconstpointer data)
{
    const Case *test = data;
    World world;

    world_init(&world);
    test->test(&world);
    world_deinit(&world);
}

int run_cases(int *argcp, char ***argvp, const char *folder, const Case *cases, gsize n)
{
    g_test_init(argcp, argvp, NULL);
    for (gsize i = 0; i < n; i++) {
        g_autofree char *path = g_strdup_printf("/learner/%s/%s", folder, cases[i].name);

        g_test_add_data_func(path, &cases[i], run);
    }
    return g_test_run();
}
