/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The core with whole frames: what guests and the LAN say, and what is proposed for it. Taps A and
 * B are on one parent, C is on another. The daemon here accepts everything when `obliging` is set.
 */
#include "frames.h"
#include "learner/core.h"

#include <glib.h>
#include <string.h>

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

static void feed(World *world, guint32 ifindex, const TestFrame *frame)
{
    /* In memory of its exact size, so that the sanitizer sees a byte too many. */
    g_autofree guint8 *copy = g_memdup2(frame->data, frame->size);

    core_feed(world->core, ifindex, ifindex >= TAP_A ? CORE_FROM_GUEST : CORE_FROM_LAN, copy,
              frame->size, world->now);
    oblige(world);
}

static void wait(World *world, guint64 time)
{
    guint64 end = world->now + time;

    while (core_next(world->core) <= end) {
        world->now = MAX(world->now, core_next(world->core));
        core_tick(world->core, world->now);
        oblige(world);
    }
    world->now = end;
}

#define assert_log(world, text)                                                                    \
    do {                                                                                           \
        g_assert_cmpstr((world)->log->str, ==, text);                                              \
        g_string_truncate((world)->log, 0);                                                        \
    } while (0)

static guint64 counted(World *world, guint32 ifindex, Counter counter)
{
    const Counters *counters = ifindex >= TAP_A ? core_port_counters(world->core, ifindex)
                                                : core_parent_counters(world->core, ifindex);

    return counters->n[counter];
}

static void dhcp4(World *world, guint32 ifindex, FramesDhcp4 dhcp)
{
    TestFrame frame;

    frames_dhcp4(&frame, &dhcp);
    feed(world, ifindex, &frame);
}

static void nd(World *world, guint32 ifindex, FramesNd message)
{
    TestFrame frame;

    if (ifindex < TAP_A && !message.source)
        message.source = frames_router;
    frames_nd(&frame, &message);
    feed(world, ifindex, &frame);
}

static void dhcp6(World *world, guint32 ifindex, FramesDhcp6 dhcp)
{
    TestFrame frame;

    frames_dhcp6(&frame, &dhcp);
    feed(world, ifindex, &frame);
}

static void arp(World *world, guint32 ifindex, const char *sender)
{
    TestFrame frame;

    frames_arp(&frame, frames_parent, 1, sender, "10.0.0.1");
    feed(world, ifindex, &frame);
}

#define DISCOVER(id, ...) ((FramesDhcp4){.type = 1, .xid = id, __VA_ARGS__})
#define REQUEST(id, ...) ((FramesDhcp4){.type = 3, .xid = id, __VA_ARGS__})
#define OFFER(id, address, ...)                                                                    \
    ((FramesDhcp4){.type = 2, .xid = id, .yiaddr = address, .server = "10.0.0.1", __VA_ARGS__})
#define ACK(id, address, ...)                                                                      \
    ((FramesDhcp4){                                                                                \
        .type = 5, .xid = id, .yiaddr = address, .server = "10.0.0.1", .lease = 900, __VA_ARGS__})
#define UNICAST(address) .destination = frames_parent, .ip_destination = address

static void get_lease(World *world, guint32 ifindex, guint32 xid, const char *address)
{
    dhcp4(world, ifindex, DISCOVER(xid));
    dhcp4(world, PARENT, OFFER(xid, address));
    dhcp4(world, ifindex, REQUEST(xid, .requested = address, .server = "10.0.0.1"));
    dhcp4(world, PARENT, ACK(xid, address));
    g_string_truncate(world->log, 0);
}

static void test_lease_broadcast(World *world)
{
    dhcp4(world, TAP_A, DISCOVER(1));
    assert_log(world, "");
    dhcp4(world, PARENT, OFFER(1, "10.0.0.9"));
    assert_log(world, "bind A 10.0.0.9 dhcp 60");
    dhcp4(world, TAP_A, REQUEST(1, .requested = "10.0.0.9", .server = "10.0.0.1"));
    dhcp4(world, PARENT, ACK(1, "10.0.0.9"));
    assert_log(world, "extend A 10.0.0.9 dhcp 900");
    /* The exchange is over. */
    dhcp4(world, PARENT, ACK(1, "10.0.0.10"));
    assert_log(world, "");
    g_assert_cmpuint(counted(world, PARENT, COUNTER_UNMATCHED), ==, 1);
    g_assert_cmpuint(counted(world, TAP_A, COUNTER_TRANSACTIONS), ==, 1);
}

static void test_lease_unicast(World *world)
{
    dhcp4(world, TAP_A, DISCOVER(1));
    dhcp4(world, PARENT, OFFER(1, "10.0.0.9", UNICAST("10.0.0.9")));
    assert_log(world, "bind A 10.0.0.9 dhcp 60, replay A 10.0.0.9");
    dhcp4(world, TAP_A, REQUEST(1, .requested = "10.0.0.9", .server = "10.0.0.1"));
    dhcp4(world, PARENT, ACK(1, "10.0.0.9", UNICAST("10.0.0.9")));
    assert_log(world, "extend A 10.0.0.9 dhcp 900");
    g_assert_cmpuint(counted(world, TAP_A, COUNTER_REPLAYS), ==, 1);
}

/* Known to the guest from before: one REQUEST, and the ACK is the first reply. */
static void test_lease_reboot(World *world)
{
    dhcp4(world, TAP_A, REQUEST(1, .requested = "10.0.0.9"));
    dhcp4(world, PARENT, ACK(1, "10.0.0.9", UNICAST("10.0.0.9")));
    assert_log(world, "bind A 10.0.0.9 dhcp 900, replay A 10.0.0.9");
}

static void test_lease_renew(World *world)
{
    get_lease(world, TAP_A, 1, "10.0.0.9");
    wait(world, 450 * 1000);
    dhcp4(world, TAP_A,
          REQUEST(2, .ciaddr = "10.0.0.9", .ip_source = "10.0.0.9", .ip_destination = "10.0.0.1"));
    dhcp4(world, PARENT, ACK(2, "10.0.0.9", UNICAST("10.0.0.9")));
    assert_log(world, "extend A 10.0.0.9 dhcp 900");
    wait(world, 899 * 1000);
    arp(world, TAP_B, "10.0.0.9");
    assert_log(world, "");
    g_assert_cmpuint(counted(world, TAP_B, COUNTER_HELD), ==, 1);
    wait(world, 1000);
    arp(world, TAP_B, "10.0.0.9");
    assert_log(world, "bind B 10.0.0.9 arp 3600");
}

static void test_lease_times(World *world)
{
    dhcp4(world, TAP_A, REQUEST(1));
    dhcp4(world, PARENT, (FramesDhcp4){.type = 5, .xid = 1, .yiaddr = "10.0.0.9"});
    assert_log(world, "bind A 10.0.0.9 dhcp 3600");
    dhcp4(world, TAP_A, REQUEST(2));
    dhcp4(world, PARENT, (FramesDhcp4){.type = 5, .xid = 2, .yiaddr = "10.0.0.9", .lease = 1});
    assert_log(world, "extend A 10.0.0.9 dhcp 60");
    dhcp4(world, TAP_A, REQUEST(3));
    dhcp4(world, PARENT,
          (FramesDhcp4){.type = 5, .xid = 3, .yiaddr = "10.0.0.9", .lease = 0xffffffff});
    assert_log(world, "extend A 10.0.0.9 dhcp 4294967295");
    dhcp4(world, TAP_A, (FramesDhcp4){.type = 8, .xid = 4, .ciaddr = "10.0.0.9"});
    dhcp4(world, PARENT, (FramesDhcp4){.type = 5, .xid = 4});
    assert_log(world, "");
}

static void test_lease_two_servers(World *world)
{
    dhcp4(world, TAP_A, DISCOVER(1));
    dhcp4(world, PARENT, OFFER(1, "10.0.0.9"));
    dhcp4(world, PARENT, OFFER(1, "10.0.0.77"));
    assert_log(world, "bind A 10.0.0.9 dhcp 60, bind A 10.0.0.77 dhcp 60");
    dhcp4(world, TAP_A, REQUEST(1, .requested = "10.0.0.77", .server = "10.0.0.2"));
    assert_log(world, "unbind A 10.0.0.9 released");
    /* The one that was not chosen cannot say no. */
    dhcp4(world, PARENT, (FramesDhcp4){.type = 6, .xid = 1, .server = "10.0.0.1"});
    assert_log(world, "");
    dhcp4(world, PARENT, (FramesDhcp4){.type = 6, .xid = 1, .server = "10.0.0.2"});
    assert_log(world, "unbind A 10.0.0.77 nak");
}

static void test_lease_end(World *world)
{
    get_lease(world, TAP_A, 1, "10.0.0.9");
    dhcp4(world, TAP_B, (FramesDhcp4){.type = 7, .xid = 9, .ciaddr = "10.0.0.9"});
    assert_log(world, "");
    dhcp4(world, TAP_A, (FramesDhcp4){.type = 7, .xid = 9, .ciaddr = "10.0.0.9"});
    assert_log(world, "unbind A 10.0.0.9 released");

    get_lease(world, TAP_A, 2, "10.0.0.9");
    dhcp4(world, TAP_A, (FramesDhcp4){.type = 4, .xid = 9, .requested = "10.0.0.9"});
    assert_log(world, "unbind A 10.0.0.9 declined");

    get_lease(world, TAP_A, 3, "10.0.0.9");
    dhcp4(world, TAP_A, REQUEST(4, .ciaddr = "10.0.0.9"));
    dhcp4(world, PARENT, (FramesDhcp4){.type = 6, .xid = 4, .server = "10.0.0.1"});
    assert_log(world, "unbind A 10.0.0.9 nak");

    get_lease(world, TAP_A, 5, "10.0.0.9");
    wait(world, 900 * 1000);
    assert_log(world, "");
    g_assert_cmpuint(core_next(world->core), ==, G_MAXUINT64);
}

static void test_match(World *world)
{
    static const guint8 other[6] = {2, 9, 9, 9, 9, 9};

    dhcp4(world, TAP_A, DISCOVER(1));
    dhcp4(world, PARENT, OFFER(2, "10.0.0.9"));
    dhcp4(world, PARENT, OFFER(1, "10.0.0.9", .chaddr = other));
    dhcp4(world, PARENT_OTHER, OFFER(1, "10.0.0.9"));
    assert_log(world, "");
    wait(world, 119999);
    dhcp4(world, PARENT, OFFER(1, "10.0.0.9"));
    assert_log(world, "bind A 10.0.0.9 dhcp 60");
    wait(world, 1);
    dhcp4(world, PARENT, OFFER(1, "10.0.0.8"));
    assert_log(world, "");
}

/* B copies what it saw of A, before and after the offer. */
static void test_copied_transaction(World *world)
{
    dhcp4(world, TAP_A, DISCOVER(1));
    dhcp4(world, TAP_B, DISCOVER(1, .requested = "10.0.0.9", .client_id = "me"));
    dhcp4(world, PARENT, OFFER(1, "10.0.0.9"));
    assert_log(world, "bind A 10.0.0.9 dhcp 60");
    dhcp4(world, TAP_B, REQUEST(1, .requested = "10.0.0.9", .server = "10.0.0.1"));
    dhcp4(world, TAP_A, REQUEST(1, .requested = "10.0.0.9", .server = "10.0.0.1"));
    dhcp4(world, PARENT, ACK(1, "10.0.0.9"));
    assert_log(world, "extend A 10.0.0.9 dhcp 900");
    /* A renews with the same number while B's copy is older. */
    dhcp4(world, TAP_A, REQUEST(1, .ciaddr = "10.0.0.9"));
    dhcp4(world, PARENT, ACK(1, "10.0.0.9"));
    assert_log(world, "extend A 10.0.0.9 dhcp 900");
}

static void test_client_id(World *world)
{
    dhcp4(world, TAP_A, DISCOVER(1, .client_id = "a"));
    dhcp4(world, TAP_B, DISCOVER(1, .client_id = "b"));
    dhcp4(world, PARENT, OFFER(1, "10.0.0.2", .client_id = "b"));
    dhcp4(world, PARENT, OFFER(1, "10.0.0.1", .client_id = "a"));
    dhcp4(world, PARENT, OFFER(1, "10.0.0.3", .client_id = "c"));
    assert_log(world, "bind B 10.0.0.2 dhcp 60, bind A 10.0.0.1 dhcp 60");
}

/* Replies that a guest sends itself, from its tap or through the parent. */
static void test_forged_reply(World *world)
{
    dhcp4(world, TAP_B, DISCOVER(1));
    dhcp4(world, TAP_B, OFFER(1, "10.0.0.9"));
    g_assert_cmpuint(counted(world, TAP_B, COUNTER_FORGED), ==, 1);
    dhcp4(world, PARENT, OFFER(1, "10.0.0.9", .source = frames_parent));
    dhcp4(world, PARENT, OFFER(1, "10.0.0.9", .source = frames_guest, .destination = frames_guest));
    g_assert_cmpuint(counted(world, PARENT, COUNTER_FORGED), ==, 2);
    assert_log(world, "");
}

static void test_transactions_bounded(World *world)
{
    dhcp4(world, TAP_A, DISCOVER(1));
    for (guint32 xid = 1000; xid < 2000; xid++)
        dhcp4(world, TAP_B, DISCOVER(xid));
    dhcp4(world, PARENT, OFFER(1000, "10.0.0.8"));
    assert_log(world, "");
    dhcp4(world, PARENT, OFFER(1999, "10.0.0.7"));
    dhcp4(world, PARENT, OFFER(1, "10.0.0.9"));
    assert_log(world, "bind B 10.0.0.7 dhcp 60, bind A 10.0.0.9 dhcp 60");
}

/* A server's flood for one guest costs the others nothing. */
static void test_offer_flood(World *world)
{
    dhcp4(world, TAP_A, DISCOVER(1));
    dhcp4(world, TAP_B, DISCOVER(2));
    for (unsigned i = 0; i < 250; i++) {
        g_autofree char *address = g_strdup_printf("10.0.1.%u", i);

        dhcp4(world, PARENT, OFFER(1, address));
    }
    g_assert_cmpuint(counted(world, TAP_A, COUNTER_CLAIMS), ==, 10);
    g_string_truncate(world->log, 0);
    dhcp4(world, PARENT, OFFER(2, "10.0.0.9"));
    assert_log(world, "bind B 10.0.0.9 dhcp 60");
}

static void test_replay_refused(World *world)
{
    world->obliging = FALSE;
    arp(world, TAP_A, "10.0.0.9");
    assert_log(world, "bind A 10.0.0.9 arp 3600");
    dhcp4(world, TAP_B, DISCOVER(1));
    dhcp4(world, PARENT, OFFER(1, "10.0.0.9", UNICAST("10.0.0.9")));
    assert_log(world, ""); /* A holds it */
    dhcp4(world, PARENT, OFFER(1, "10.0.0.8", .destination = frames_parent));
    assert_log(world, "bind B 10.0.0.8 dhcp 60"); /* to everybody: the kernel delivers */
    dhcp4(world, PARENT, OFFER(1, "10.0.0.7", UNICAST("10.0.0.6")));
    assert_log(world, "bind B 10.0.0.7 dhcp 60"); /* to an address that it does not hand out */
}

static void test_arp(World *world)
{
    IpAddress address;

    arp(world, TAP_A, "0.0.0.0");
    assert_log(world, "");
    arp(world, TAP_A, "10.0.0.9");
    assert_log(world, "bind A 10.0.0.9 arp 3600");
    arp(world, TAP_A, "10.0.0.9");
    assert_log(world, "");
    arp(world, TAP_C, "10.0.0.9");
    assert_log(world, "bind C 10.0.0.9 arp 3600");
    arp(world, PARENT, "10.0.0.5");
    assert_log(world, "");
    g_assert_true(ip_parse("10.0.0.7", &address));
    core_verdict(world->core, TAP_A, &address, VERDICT_REFUSED, SOURCE_ARP, 0, world->now);
}

static void test_arp_off(World *world)
{
    CorePort port = {.ifindex = TAP_A + 3, .parent = PARENT, .addresses = 8, .arp = FALSE};
    IpAddress address;

    g_assert_true(core_port_add(world->core, &port));
    arp(world, port.ifindex, "10.0.0.9");
    assert_log(world, "");
    g_assert_true(ip_parse("10.0.0.8", &address));
    core_verdict(world->core, port.ifindex, &address, VERDICT_ACCEPTED, SOURCE_ARP, 1000,
                 world->now);
    arp(world, port.ifindex, "10.0.0.8");
    assert_log(world, "extend D 10.0.0.8 arp 3600");
}

static void test_idle(World *world)
{
    arp(world, TAP_A, "10.0.0.9");
    wait(world, 300 * 1000);
    assert_log(world, "bind A 10.0.0.9 arp 3600, probe A 10.0.0.9");
    arp(world, TAP_A, "10.0.0.9");
    wait(world, 299 * 1000);
    assert_log(world, "");
    wait(world, 4 * 1000);
    assert_log(world, "probe A 10.0.0.9, probe A 10.0.0.9, probe A 10.0.0.9, "
                      "unbind A 10.0.0.9 idle");
}

static void test_dad(World *world)
{
    nd(world, TAP_A, (FramesNd){.type = 135, .ip_source = "::", .target = "fe80::10"});
    wait(world, 499);
    assert_log(world, "");
    wait(world, 1);
    assert_log(world, "bind A fe80::10 dad 3600");
    /* Its other messages only show that it is in use. */
    nd(world, TAP_A, (FramesNd){.type = 133, .ip_source = "fe80::10"});
    nd(world, TAP_A, (FramesNd){.type = 136, .ip_source = "fe80::10", .target = "fe80::10"});
    wait(world, 1000);
    assert_log(world, "");
}

static void test_dad_defended(World *world)
{
    FramesNd claim = {.type = 135, .ip_source = "::", .target = "2001:db8::9"};

    nd(world, TAP_A, claim);
    nd(world, PARENT, (FramesNd){.type = 136, .target = "2001:db8::9"});
    wait(world, 1000);
    assert_log(world, "");
    nd(world, TAP_A, claim);
    nd(world, PARENT, claim);
    wait(world, 1000);
    assert_log(world, "");
    g_assert_cmpuint(counted(world, TAP_A, COUNTER_DEFENDED), ==, 2);

    /* Neither other messages, nor another LAN, nor a guest that pretends, nor a sibling. */
    nd(world, TAP_A, claim);
    nd(world, PARENT, (FramesNd){.type = 135, .ip_source = "fe80::2", .target = "2001:db8::9"});
    nd(world, PARENT, (FramesNd){.type = 136, .target = "2001:db8::8"});
    nd(world, PARENT_OTHER, (FramesNd){.type = 136, .target = "2001:db8::9"});
    nd(world, PARENT, (FramesNd){.type = 136, .target = "2001:db8::9", .source = frames_parent});
    nd(world, TAP_B, claim);
    wait(world, 1000);
    assert_log(world, "bind A 2001:db8::9 dad 3600");
    g_assert_cmpuint(counted(world, TAP_B, COUNTER_HELD), ==, 1);
}

/* RFC 4429: the address is used at once. */
static void test_dad_optimistic(World *world)
{
    nd(world, TAP_A, (FramesNd){.type = 135, .ip_source = "2001:db8::9", .target = "fe80::1"});
    nd(world, TAP_A, (FramesNd){.type = 136, .ip_source = "fe80::10", .target = "2001:db8::a"});
    wait(world, 500);
    assert_log(world, "bind A 2001:db8::9 dad 3600, bind A fe80::10 dad 3600, "
                      "bind A 2001:db8::a dad 3600");
}

static void test_router(World *world)
{
    FramesNd gone = {.type = 134, .prefix = "2001:db8::", .valid = 0};

    nd(world, TAP_A, gone);
    g_assert_cmpuint(counted(world, TAP_A, COUNTER_FORGED), ==, 1);
    nd(world, TAP_A, (FramesNd){.type = 135, .ip_source = "::", .target = "2001:db8::9"});
    nd(world, TAP_B, (FramesNd){.type = 135, .ip_source = "::", .target = "2001:db9::9"});
    wait(world, 500);
    g_string_truncate(world->log, 0);
    nd(world, PARENT, (FramesNd){.type = 134, .prefix = "2001:db8::", .valid = 100});
    wait(world, 5000);
    assert_log(world, "");
    nd(world, PARENT, gone);
    wait(world, 5000);
    assert_log(world, "probe A 2001:db8::9, probe A 2001:db8::9, probe A 2001:db8::9, "
                      "unbind A 2001:db8::9 withdrawn");
}

static void test_dhcp6(World *world)
{
    dhcp6(world, TAP_A, (FramesDhcp6){.type = 1, .xid = 1});
    dhcp6(world, PARENT,
          (FramesDhcp6){.type = 2, .xid = 1, .addresses = {"2001:db8::9"}, .valid = 900});
    dhcp6(world, PARENT,
          (FramesDhcp6){.type = 7, .xid = 1, .addresses = {"2001:db8::9"}, .valid = 900});
    assert_log(world, "");
    dhcp6(world, TAP_A, (FramesDhcp6){.type = 3, .xid = 2});
    dhcp6(
        world, PARENT,
        (FramesDhcp6){
            .type = 7, .xid = 2, .client_id = "other", .addresses = {"2001:db8::9"}, .valid = 900});
    dhcp6(world, PARENT,
          (FramesDhcp6){.type = 7,
                        .xid = 2,
                        .ip_destination = "fe80::11",
                        .addresses = {"2001:db8::9"},
                        .valid = 900});
    assert_log(world, "");
    dhcp6(world, PARENT,
          (FramesDhcp6){
              .type = 7, .xid = 2, .addresses = {"2001:db8::9", "2001:db8::a"}, .valid = 900});
    assert_log(world, "bind A 2001:db8::9 dhcpv6 900, bind A 2001:db8::a dhcpv6 900");
    dhcp6(world, TAP_A, (FramesDhcp6){.type = 5, .xid = 3});
    dhcp6(world, PARENT,
          (FramesDhcp6){.type = 7, .xid = 3, .addresses = {"2001:db8::9"}, .valid = 1800});
    assert_log(world, "extend A 2001:db8::9 dhcpv6 1800");
    dhcp6(world, TAP_A, (FramesDhcp6){.type = 8, .xid = 4, .addresses = {"2001:db8::9"}});
    assert_log(world, "unbind A 2001:db8::9 released");
    dhcp6(world, TAP_A, (FramesDhcp6){.type = 9, .xid = 4, .addresses = {"2001:db8::a"}});
    assert_log(world, "unbind A 2001:db8::a declined");
}

static void test_dhcp6_rapid(World *world)
{
    dhcp6(world, TAP_A, (FramesDhcp6){.type = 1, .xid = 1, .rapid_commit = true});
    dhcp6(
        world, PARENT,
        (FramesDhcp6){
            .type = 7, .xid = 1, .rapid_commit = true, .addresses = {"2001:db8::9"}, .valid = 900});
    assert_log(world, "bind A 2001:db8::9 dhcpv6 900");
    dhcp6(world, TAP_A, (FramesDhcp6){.type = 4, .xid = 2});
    dhcp6(world, PARENT, (FramesDhcp6){.type = 7, .xid = 2, .status = 4});
    assert_log(world, "unbind A 2001:db8::9 nak");
    dhcp6(world, TAP_A, (FramesDhcp6){.type = 3, .xid = 3});
    dhcp6(world, PARENT,
          (FramesDhcp6){
              .type = 7, .xid = 3, .addresses = {"2001:db8::9"}, .valid = 900, .ia_status = 2});
    assert_log(world, "");
    dhcp6(world, TAP_A, (FramesDhcp6){.type = 7, .xid = 3, .addresses = {"2001:db8::9"}});
    g_assert_cmpuint(counted(world, TAP_A, COUNTER_FORGED), ==, 1);
}

/* A thousand addresses from B; A's go on working. */
static void test_thousand(World *world)
{
    world->obliging = FALSE;
    for (unsigned i = 1; i <= 1000; i++) {
        g_autofree char *v4 = g_strdup_printf("10.1.%u.%u", i / 200, i % 200 + 1);
        g_autofree char *v6 = g_strdup_printf("2001:db8::%x", i);

        arp(world, TAP_B, v4);
        nd(world, TAP_B, (FramesNd){.type = 135, .ip_source = "::", .target = v6});
    }
    g_assert_cmpuint(counted(world, TAP_B, COUNTER_CLAIMS), ==, 10);
    g_assert_cmpuint(counted(world, TAP_B, COUNTER_RATE), ==, 1990);
    world->obliging = TRUE;
    g_string_truncate(world->log, 0);
    get_lease(world, TAP_A, 1, "10.0.0.9");
    arp(world, TAP_A, "10.0.0.9");
    nd(world, TAP_A, (FramesNd){.type = 135, .ip_source = "::", .target = "fe80::10"});
    g_assert_cmpuint(counted(world, TAP_A, COUNTER_CLAIMS), ==, 2);
}

static void test_ports(World *world)
{
    CorePort port = {.ifindex = TAP_A, .parent = PARENT, .addresses = 8};
    TestFrame frame;

    g_assert_false(core_port_add(world->core, &port)); /* is there */
    port.ifindex = 9;
    port.addresses = 0;
    g_assert_false(core_port_add(world->core, &port));
    port.addresses = CORE_ADDRESSES_MAX + 1;
    g_assert_false(core_port_add(world->core, &port));
    port.addresses = 1;
    port.parent = 99;
    g_assert_false(core_port_add(world->core, &port));

    /* What is not known is ignored, in either direction. */
    frames_arp(&frame, frames_parent, 1, "10.0.0.9", "10.0.0.1");
    core_feed(world->core, 99, CORE_FROM_GUEST, frame.data, frame.size, 0);
    core_feed(world->core, TAP_A, CORE_FROM_LAN, frame.data, frame.size, 0);
    core_feed(world->core, PARENT, CORE_FROM_GUEST, frame.data, frame.size, 0);
    assert_log(world, "");

    dhcp4(world, TAP_A, DISCOVER(1));
    core_port_remove(world->core, TAP_A);
    dhcp4(world, PARENT, OFFER(1, "10.0.0.9"));
    assert_log(world, "");
    g_assert_null(core_port_counters(world->core, TAP_A));
    core_parent_remove(world->core, PARENT);
    g_assert_null(core_port_counters(world->core, TAP_B));
    g_assert_nonnull(core_port_counters(world->core, TAP_C));
    g_assert_cmpuint(core_next(world->core), ==, G_MAXUINT64);
}

/* Many ports, so that the tables grow while they are used. */
static void test_growth(World *world)
{
    for (guint32 i = 0; i < 500; i++) {
        CorePort port = {.ifindex = 2000000 + i, .parent = PARENT, .addresses = 8, .arp = TRUE};
        g_autofree char *text = g_strdup_printf("10.2.%u.%u", i / 250, i % 250);

        g_assert_true(core_port_add(world->core, &port));
        arp(world, port.ifindex, text);
    }
    for (guint32 i = 0; i < 500; i++) {
        g_autofree char *text = g_strdup_printf("10.2.%u.%u", i / 250, i % 250);

        world->now += 100;
        arp(world, TAP_A, text);
        if (i % 2)
            core_port_remove(world->core, 2000000 + i);
    }
    g_assert_cmpuint(counted(world, TAP_A, COUNTER_HELD), ==, 500);
    wait(world, 400 * 1000);
}

/* A flow of frames, each cut at every length: nothing is bound by a part of a frame. */
static void test_truncated(World *world)
{
    TestFrame frames[6];

    frames_dhcp4(&frames[0], &OFFER(1, "10.0.0.9"));
    frames_dhcp4(&frames[1], &ACK(1, "10.0.0.9"));
    frames_dhcp6(&frames[2],
                 &(FramesDhcp6){.type = 7, .xid = 1, .valid = 900, .addresses = {"2001:db8::9"}});
    frames_arp(&frames[3], frames_parent, 1, "10.0.0.9", "10.0.0.1");
    frames_nd(&frames[4], &(FramesNd){.type = 135, .ip_source = "::", .target = "fe80::10"});
    frames_nd(&frames[5], &(FramesNd){.type = 136, .target = "fe80::10"});
    dhcp4(world, TAP_A, DISCOVER(1));
    dhcp6(world, TAP_A, (FramesDhcp6){.type = 3, .xid = 1});
    for (size_t i = 0; i < G_N_ELEMENTS(frames); i++) {
        for (TestFrame cut = frames[i]; cut.size > 0;) {
            cut.size--;
            feed(world, TAP_A, &cut);
            feed(world, PARENT, &cut);
        }
    }
    wait(world, 1000);
    assert_log(world, "");
    for (size_t i = 0; i < 3; i++)
        feed(world, PARENT, &frames[i]);
    assert_log(world, "bind A 10.0.0.9 dhcp 60, extend A 10.0.0.9 dhcp 900, "
                      "bind A 2001:db8::9 dhcpv6 900");
}

typedef struct {
    const char *name;
    void (*test)(World *world);
} Case;

static const Case cases[] = {
    {"lease/broadcast", test_lease_broadcast},
    {"lease/unicast", test_lease_unicast},
    {"lease/reboot", test_lease_reboot},
    {"lease/renew", test_lease_renew},
    {"lease/times", test_lease_times},
    {"lease/two-servers", test_lease_two_servers},
    {"lease/end", test_lease_end},
    {"lease/match", test_match},
    {"lease/copied", test_copied_transaction},
    {"lease/client-id", test_client_id},
    {"lease/forged", test_forged_reply},
    {"lease/bounded", test_transactions_bounded},
    {"lease/flood", test_offer_flood},
    {"lease/replay-not", test_replay_refused},
    {"arp/claim", test_arp},
    {"arp/off", test_arp_off},
    {"arp/idle", test_idle},
    {"dad/bind", test_dad},
    {"dad/defended", test_dad_defended},
    {"dad/optimistic", test_dad_optimistic},
    {"dad/withdrawn", test_router},
    {"dhcp6/exchange", test_dhcp6},
    {"dhcp6/rapid", test_dhcp6_rapid},
    {"thousand", test_thousand},
    {"ports", test_ports},
    {"growth", test_growth},
    {"truncated", test_truncated},
};

static void test_case(gconstpointer data)
{
    const Case *test = data;
    World world;

    world_init(&world);
    test->test(&world);
    world_deinit(&world);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strdup_printf("/learner/core/%s", cases[i].name);

        g_test_add_data_func(path, &cases[i], test_case);
    }
    return g_test_run();
}
