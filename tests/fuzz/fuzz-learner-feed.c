/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The whole core: frames from guests and the LAN, time, verdicts, ports that come and go. An input
 * is a row of records: an operation, and what it needs. Whatever comes, proposals stay within
 * bounds.
 */
#include "learner/core.h"
#include "learner/frame.h"
#include "tests/fuzz/fuzz.h"

#define N_PORTS 3
#define FIRST_PORT 10

typedef struct {
    unsigned n; /* proposals of one call */
} World;

static void sink(const Proposal *proposal, void *data)
{
    World *world = data;
    Frame frame;

    FUZZ_REQUIRE(++world->n <= 96);
    FUZZ_REQUIRE(proposal->port >= FIRST_PORT && proposal->port < FIRST_PORT + N_PORTS);
    FUZZ_REQUIRE(address_claimable(&proposal->address));
    switch (proposal->kind) {
    case PROPOSAL_BIND:
    case PROPOSAL_EXTEND:
        FUZZ_REQUIRE(proposal->lifetime >= CORE_LEASE_MIN);
        break;
    case PROPOSAL_UNBIND:
        break;
    case PROPOSAL_REPLAY:
    case PROPOSAL_PROBE:
        FUZZ_REQUIRE(proposal->frame_size <= PROPOSAL_FRAME_MAX);
        FUZZ_REQUIRE(frame_parse(&frame, proposal->frame, proposal->frame_size) == PARSE_OK);
        FUZZ_REQUIRE(frame.kind == FRAME_DHCP4 || proposal->kind == PROPOSAL_PROBE);
        break;
    }
}

static void port_add(Core *core, guint32 ifindex)
{
    CorePort port = {.ifindex = ifindex,
                     .parent = ifindex == FIRST_PORT + 2 ? 2 : 1,
                     .addresses = 4,
                     .arp = ifindex != FIRST_PORT + 1};

    (void)core_port_add(core, &port);
}

static bool verdict(Core *core, guint32 port, Cursor *input, guint64 now)
{
    IpAddress address;
    uint8_t kind, source;
    uint32_t lifetime;
    bool ok;

    if (!cursor_u8(input, &kind) || !cursor_u8(input, &source) || !cursor_u32(input, &lifetime))
        return false;
    ok = kind & 0x80 ? address_read_v4(input, &address) : address_read_v6(input, &address);
    if (ok && address_claimable(&address))
        core_verdict(core, port, &address, (Verdict)(kind % VERDICT_N),
                     (BindingSource)(source % SOURCE_N), lifetime, now);
    return ok;
}

static bool feed(Core *core, guint32 port, CoreDirection direction, Cursor *input, guint64 now)
{
    uint16_t size;
    Cursor frame;

    if (!cursor_u16(input, &size) || !cursor_split(input, MIN(size, input->left), &frame))
        return false;
    core_feed(core, port, direction, frame.data, frame.left, now);
    return true;
}

/* One record; false at the end of the input. */
static bool step(Core *core, Cursor *input, guint64 *nowp)
{
    uint8_t operation;
    uint16_t time;
    guint32 port;

    if (!cursor_u8(input, &operation))
        return false;
    port = FIRST_PORT + operation / 8 % N_PORTS;
    switch (operation % 8) {
    case 0:
    case 1:
        return feed(core, port, CORE_FROM_GUEST, input, *nowp);
    case 2:
    case 3:
        return feed(core, 1 + operation / 8 % 2, CORE_FROM_LAN, input, *nowp);
    case 4:
    case 5:
        if (!cursor_u16(input, &time))
            return false;
        *nowp += (guint64)time * (operation % 8 == 4 ? 1 : 100);
        (void)core_tick(core, *nowp);
        return true;
    case 6:
        return verdict(core, port, input, *nowp);
    default:
        core_port_remove(core, port);
        port_add(core, port);
        return true;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const guint8 hwaddr[HWADDR_SIZE] = {2, 0, 0, 0, 0, 1};
    World world = {0};
    g_autoptr(Core) core = core_new(1, sink, &world);
    Cursor input = cursor_init(data, size);
    guint64 now = 1;

    (void)core_parent_set(core, 1, hwaddr);
    (void)core_parent_set(core, 2, hwaddr);
    for (guint32 i = 0; i < N_PORTS; i++)
        port_add(core, FIRST_PORT + i);
    while (step(core, &input, &now))
        world.n = 0;
    return 0;
}
