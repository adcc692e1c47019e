/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors */
#include "learner/core.h"

#include "learner/core-private.h"

/* Entries of a port beyond the addresses it may have: claims under way, and refused ones. */
#define BINDINGS_SPARE 16

static void port_free(Core *core, Port *port)
{
    bindings_owner_deinit(&core->bindings, &port->bindings);
    transactions_owner_deinit(&core->transactions, &port->transactions);
    g_free(port);
}

Core *core_new(guint64 secret, ProposalSink sink, void *sink_data)
{
    Core *core = g_new0(Core, 1);

    core->parents = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free);
    core->ports = g_hash_table_new(g_direct_hash, g_direct_equal);
    bindings_init(&core->bindings, secret, sink, sink_data);
    transactions_init(&core->transactions, secret);
    return core;
}

static void ports_remove(Core *core, const Parent *parent)
{
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, core->ports);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        Port *port = value;

        if (!parent || port->parent == parent) {
            g_hash_table_iter_remove(&iter);
            port_free(core, port);
        }
    }
}

void core_free(Core *core)
{
    ports_remove(core, NULL);
    g_hash_table_unref(core->ports);
    g_hash_table_unref(core->parents);
    bindings_deinit(&core->bindings);
    transactions_deinit(&core->transactions);
    g_free(core);
}

static Parent *parent_find(const Core *core, guint32 ifindex)
{
    return g_hash_table_lookup(core->parents, GUINT_TO_POINTER(ifindex));
}

static Port *port_find(const Core *core, guint32 ifindex)
{
    return g_hash_table_lookup(core->ports, GUINT_TO_POINTER(ifindex));
}

gboolean core_parent_set(Core *core, guint32 ifindex, const guint8 hwaddr[static HWADDR_SIZE])
{
    Parent *parent = parent_find(core, ifindex);

    if (!parent) {
        if (g_hash_table_size(core->parents) >= CORE_PARENTS_MAX)
            return FALSE;
        parent = g_new0(Parent, 1);
        parent->ifindex = ifindex;
        g_hash_table_insert(core->parents, GUINT_TO_POINTER(ifindex), parent);
    }
    memcpy(parent->hwaddr, hwaddr, HWADDR_SIZE);
    return TRUE;
}

void core_parent_remove(Core *core, guint32 ifindex)
{
    Parent *parent = parent_find(core, ifindex);

    if (!parent)
        return;
    ports_remove(core, parent);
    g_hash_table_remove(core->parents, GUINT_TO_POINTER(ifindex));
}

gboolean core_port_add(Core *core, const CorePort *spec)
{
    Parent *parent = parent_find(core, spec->parent);
    Port *port;

    if (!parent || port_find(core, spec->ifindex) || spec->addresses < 1 ||
        spec->addresses > CORE_ADDRESSES_MAX || g_hash_table_size(core->ports) >= CORE_PORTS_MAX)
        return FALSE;

    port = g_new0(Port, 1);
    port->ifindex = spec->ifindex;
    port->parent = parent;
    port->arp = spec->arp;
    bindings_owner_init(&core->bindings, &port->bindings, port->ifindex, parent->ifindex,
                        parent->hwaddr, &port->counters, spec->addresses + BINDINGS_SPARE);
    transactions_owner_init(&core->transactions, &port->transactions, port);
    g_hash_table_insert(core->ports, GUINT_TO_POINTER(port->ifindex), port);
    return TRUE;
}

void core_port_remove(Core *core, guint32 ifindex)
{
    Port *port = port_find(core, ifindex);

    if (!port)
        return;
    g_hash_table_remove(core->ports, GUINT_TO_POINTER(ifindex));
    port_free(core, port);
}

void core_verdict(Core *core, guint32 ifindex, const IpAddress *address, Verdict verdict,
                  BindingSource source, guint32 lifetime, guint64 now)
{
    Port *port = port_find(core, ifindex);

    if (port)
        bindings_verdict(&core->bindings, &port->bindings, address, verdict, source, lifetime, now);
}

/* Counts a frame that nothing can be learned from; true for all others. */
static gboolean frame_read(Core *core, Counters *counters, const guint8 *data, size_t size)
{
    counters->n[COUNTER_FRAMES]++;
    switch (frame_parse(&core->frame, data, size)) {
    case PARSE_OK:
        return TRUE;
    case PARSE_OTHER:
        break;
    case PARSE_FRAGMENT:
        counters->n[COUNTER_FRAGMENTS]++;
        break;
    case PARSE_BAD:
        counters->n[COUNTER_MALFORMED]++;
        break;
    }
    return FALSE;
}

static void feed_from_guest(Core *core, Port *port, const guint8 *data, size_t size, guint64 now)
{
    const Frame *frame = &core->frame;

    if (!frame_read(core, &port->counters, data, size))
        return;
    switch (frame->kind) {
    case FRAME_ARP:
        core_arp_from_guest(core, port, &frame->arp, now);
        break;
    case FRAME_ND:
        core_nd_from_guest(core, port, frame, now);
        break;
    case FRAME_DHCP4:
        core_dhcp4_from_guest(core, port, frame, now);
        break;
    case FRAME_DHCP6:
        core_dhcp6_from_guest(core, port, frame, now);
        break;
    }
}

static gboolean is_forged(const Parent *parent, const Ethernet *ethernet)
{
    return memcmp(ethernet->source, ethernet->destination, HWADDR_SIZE) == 0 ||
           memcmp(ethernet->source, parent->hwaddr, HWADDR_SIZE) == 0;
}

static void feed_from_lan(Core *core, Parent *parent, const guint8 *data, size_t size, guint64 now)
{
    const Frame *frame = &core->frame;

    if (!frame_read(core, &parent->counters, data, size))
        return;
    if (is_forged(parent, &frame->ethernet)) {
        parent->counters.n[COUNTER_FORGED]++;
        return;
    }
    switch (frame->kind) {
    case FRAME_ARP:
        break;
    case FRAME_ND:
        core_nd_from_lan(core, parent, frame, now);
        break;
    case FRAME_DHCP4:
        core_dhcp4_from_lan(core, parent, frame, (RawFrame){data, size}, now);
        break;
    case FRAME_DHCP6:
        core_dhcp6_from_lan(core, parent, frame, now);
        break;
    }
}

void core_feed(Core *core, guint32 ifindex, CoreDirection direction, const guint8 *frame,
               size_t size, guint64 now)
{
    Port *port;
    Parent *parent;

    switch (direction) {
    case CORE_FROM_GUEST:
        port = port_find(core, ifindex);
        if (port)
            feed_from_guest(core, port, frame, size, now);
        break;
    case CORE_FROM_LAN:
        parent = parent_find(core, ifindex);
        if (parent)
            feed_from_lan(core, parent, frame, size, now);
        break;
    }
}

guint64 core_tick(Core *core, guint64 now)
{
    for (unsigned n = 0; n < CORE_TICK_MAX; n++) {
        if (!bindings_tick(&core->bindings, now) && !transactions_tick(&core->transactions, now))
            break;
    }
    return core_next(core);
}

guint64 core_next(const Core *core)
{
    const Timer *binding = timers_first(&core->bindings.timers);
    const Timer *transaction = timers_first(&core->transactions.timers);

    return MIN(binding ? binding->due : TIME_NEVER, transaction ? transaction->due : TIME_NEVER);
}

const Counters *core_port_counters(const Core *core, guint32 ifindex)
{
    const Port *port = port_find(core, ifindex);

    return port ? &port->counters : NULL;
}

const Counters *core_parent_counters(const Core *core, guint32 ifindex)
{
    const Parent *parent = parent_find(core, ifindex);

    return parent ? &parent->counters : NULL;
}
