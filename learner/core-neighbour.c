/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Claims that hosts make by themselves: ARP and IPv6 neighbour discovery.
 *
 * IPv6: a duplicate-address probe claims its target. So does every other neighbour or router
 * message with its source, and an advertisement with its target: an optimistic node (RFC 4429)
 * and one that does not probe at all use their address at once. A duplicate probe or an
 * advertisement from the LAN ends what is still tentative. One from another tap does not: that
 * claim comes second and is refused, or any guest could keep its neighbours from every address.
 *
 * Prefixes are not kept. A host may go on using an address for two hours after its prefix was
 * withdrawn (RFC 4862, 5.5.3), longer than an address lives here without being seen; a withdrawal
 * is therefore a reason to ask the guest, not to decide for it.
 */
#include "learner/core-private.h"

void core_arp_from_guest(Core *core, Port *port, const Arp *arp, guint64 now)
{
    if (address_unspecified(&arp->sender))
        return; /* a probe only asks */
    if (port->arp)
        bindings_claim(&core->bindings, &port->bindings, &arp->sender, SOURCE_ARP, now);
    else
        bindings_seen(&core->bindings, &port->bindings, &arp->sender, now);
}

void core_nd_from_guest(Core *core, Port *port, const Frame *frame, guint64 now)
{
    const Nd *nd = &frame->nd;

    if (nd->type == ND_ROUTER_ADVERTISEMENT) {
        port->counters.n[COUNTER_FORGED]++;
        return;
    }
    if (!address_unspecified(&frame->source))
        bindings_claim(&core->bindings, &port->bindings, &frame->source, SOURCE_DAD, now);
    else if (nd->type == ND_NEIGHBOUR_SOLICITATION)
        bindings_claim(&core->bindings, &port->bindings, &nd->target, SOURCE_DAD, now);
    if (nd->type == ND_NEIGHBOUR_ADVERTISEMENT && !ip_equal(&nd->target, &frame->source))
        bindings_claim(&core->bindings, &port->bindings, &nd->target, SOURCE_DAD, now);
}

static gboolean is_withdrawn(const Nd *nd, const IpAddress *address)
{
    for (unsigned i = 0; i < nd->n_prefixes; i++) {
        const NdPrefix *prefix = &nd->prefixes[i];

        if (prefix->autonomous && prefix->valid == 0 &&
            ip_in_prefix(address, &prefix->prefix, prefix->length))
            return TRUE;
    }
    return FALSE;
}

static gboolean withdraws(const Nd *nd)
{
    for (unsigned i = 0; i < nd->n_prefixes; i++) {
        if (nd->prefixes[i].autonomous && nd->prefixes[i].valid == 0)
            return TRUE;
    }
    return FALSE;
}

/* Looks at every binding of the parent, so it is done at a bounded rate. A withdrawal that is
 * missed costs the time until the address is idle. */
static void router_advertisement(Core *core, Parent *parent, const Nd *nd, guint64 now)
{
    GHashTableIter iter;
    gpointer value;

    if (!withdraws(nd) || (parent->withdrawn != 0 && now - parent->withdrawn < CORE_WITHDRAW_TIME))
        return;
    parent->withdrawn = now;
    g_hash_table_iter_init(&iter, core->ports);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        Port *port = value;

        if (port->parent != parent)
            continue;
        for (Binding *binding = port->bindings.used; binding; binding = binding->next) {
            if (is_withdrawn(nd, &binding->address))
                bindings_doubt(&core->bindings, binding, UNBIND_WITHDRAWN, now);
        }
    }
}

void core_nd_from_lan(Core *core, Parent *parent, const Frame *frame, guint64 now)
{
    const Nd *nd = &frame->nd;

    switch (nd->type) {
    case ND_ROUTER_ADVERTISEMENT:
        router_advertisement(core, parent, nd, now);
        break;
    case ND_NEIGHBOUR_SOLICITATION:
        if (address_unspecified(&frame->source))
            bindings_defended(&core->bindings, parent->ifindex, &nd->target);
        break;
    case ND_NEIGHBOUR_ADVERTISEMENT:
        bindings_defended(&core->bindings, parent->ifindex, &nd->target);
        break;
    }
}
