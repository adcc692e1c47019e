/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Leases: what guests ask of DHCP servers opens transactions, what servers answer to these binds
 * addresses (RFC 7513). A DHCPv6 address is bound by the Reply only; its client cannot use it
 * before, and gets its messages at a link-local address that it has already.
 */
#include "learner/core-private.h"
#include "learner/inject.h"

static Transaction *dhcp4_open(Core *core, Port *port, const Dhcp4 *dhcp, guint64 now)
{
    TransactionKey key = {port->parent->ifindex, AF_INET, dhcp->xid};
    Transaction *transaction;
    gboolean is_new;

    transaction = transaction_open(&core->transactions, &port->transactions, &key, dhcp->chaddr,
                                   &dhcp->client_id, now, &is_new);
    if (is_new)
        port->counters.n[COUNTER_TRANSACTIONS]++;
    transaction->type = dhcp->type;
    transaction->wanted = dhcp->requested;
    if (dhcp->requested.family == AF_UNSPEC && !address_unspecified(&dhcp->ciaddr))
        transaction->wanted = dhcp->ciaddr;
    transaction->server = dhcp->server;
    return transaction;
}

/* The guest has chosen: other servers' offers are free again, and do not count against it. */
static void dhcp4_selected(Core *core, Port *port, const IpAddress *chosen)
{
    for (Binding *binding = port->bindings.used, *next; binding; binding = next) {
        next = binding->next;
        if (binding->offered && !ip_equal(&binding->address, chosen))
            bindings_give_up(&core->bindings, &port->bindings, &binding->address, SOURCE_DHCP,
                             UNBIND_RELEASED);
    }
}

/* Who gives an address back waits for no answer any more. One that is still under way would bind
 * what is the server's again. */
static void dhcp4_give_back(Core *core, Port *port, const IpAddress *address, UnbindReason reason)
{
    for (size_t i = 0; i < TRANSACTIONS_MAX; i++) {
        Transaction *transaction = &port->transactions.transactions[i];

        if (transaction->key.family == AF_INET && ip_equal(&transaction->wanted, address))
            transaction_close(&core->transactions, transaction);
    }
    bindings_give_up(&core->bindings, &port->bindings, address, SOURCE_DHCP, reason);
}

void core_dhcp4_from_guest(Core *core, Port *port, const Frame *frame, guint64 now)
{
    const Dhcp4 *dhcp = &frame->dhcp4;
    const Transaction *transaction;

    if (dhcp->from_server) {
        port->counters.n[COUNTER_FORGED]++;
        return;
    }
    switch (dhcp->type) {
    case DHCP4_DISCOVER:
        dhcp4_open(core, port, dhcp, now);
        break;
    case DHCP4_REQUEST:
        transaction = dhcp4_open(core, port, dhcp, now);
        if (dhcp->server.family != AF_UNSPEC && dhcp->requested.family != AF_UNSPEC)
            dhcp4_selected(core, port, &transaction->wanted);
        break;
    case DHCP4_DECLINE:
        dhcp4_give_back(core, port, &dhcp->requested, UNBIND_DECLINED);
        break;
    case DHCP4_RELEASE:
        dhcp4_give_back(core, port, &dhcp->ciaddr, UNBIND_RELEASED);
        break;
    }
}

/* How well a transaction fits a reply, see core.h; 0 when it does not. */
static unsigned dhcp4_fit(const Core *core, const Transaction *transaction, const Dhcp4 *reply)
{
    const Port *port = transaction->owner->port;
    const Binding *binding;
    gboolean named = reply->client_id.size > 0;
    gboolean same_id = client_id_equal(&reply->client_id, &transaction->client_id);

    if (memcmp(transaction->chaddr, reply->chaddr, HWADDR_SIZE) != 0)
        return 0;
    if (named && transaction->client_id.size > 0 && !same_id)
        return 0;
    /* A server turns down a request only, and only one that was made to it. */
    if (reply->type == DHCP4_NAK &&
        (transaction->type != DHCP4_REQUEST ||
         (transaction->server.family != AF_UNSPEC && reply->server.family != AF_UNSPEC &&
          !ip_equal(&transaction->server, &reply->server))))
        return 0;

    binding = bindings_find(&core->bindings, port->parent->ifindex, &reply->yiaddr);
    if (binding && binding->owner == &port->bindings && binding->state != BINDING_REFUSED)
        return 3;
    return named && same_id ? 2 : 1;
}

static Transaction *dhcp4_match(Core *core, const Parent *parent, const Dhcp4 *reply)
{
    TransactionKey key = {parent->ifindex, AF_INET, reply->xid};
    Transaction *best = NULL;
    unsigned best_fit = 0;

    for (Transaction *transaction = transactions_first(&core->transactions, &key); transaction;
         transaction = transactions_next(transaction)) {
        unsigned fit = dhcp4_fit(core, transaction, reply);

        if (fit > best_fit || (fit > 0 && fit == best_fit && transaction->opened < best->opened)) {
            best = transaction;
            best_fit = fit;
        }
    }
    return best;
}

/* A reply that went to one address which the kernel did not know yet never reached the guest. */
static void dhcp4_replay(Core *core, Port *port, const Frame *frame, RawFrame raw)
{
    guint8 copy[PROPOSAL_FRAME_MAX];
    Proposal proposal = {.kind = PROPOSAL_REPLAY,
                         .port = port->ifindex,
                         .address = frame->dhcp4.yiaddr,
                         .frame = copy};

    if (ethernet_is_group(frame->ethernet.destination) ||
        !ip_equal(&frame->destination, &frame->dhcp4.yiaddr))
        return;
    proposal.frame_size =
        inject_reply(copy, sizeof(copy), port->parent->hwaddr, raw.data, raw.size);
    if (proposal.frame_size == 0)
        return;
    core->bindings.sink(&proposal, core->bindings.sink_data);
    port->counters.n[COUNTER_REPLAYS]++;
}

static guint32 dhcp4_lifetime(const Dhcp4 *reply)
{
    if (reply->type == DHCP4_OFFER)
        return CORE_LEASE_OFFERED;
    return reply->has_lease ? MAX(reply->lease, CORE_LEASE_MIN) : CORE_LEASE_UNTOLD;
}

static void dhcp4_bind(Core *core, Port *port, const Frame *frame, RawFrame raw, guint64 now)
{
    const Dhcp4 *reply = &frame->dhcp4;
    const Binding *binding = bindings_find(&core->bindings, port->parent->ifindex, &reply->yiaddr);
    gboolean delivered = binding && binding->owner == &port->bindings &&
                         (binding->state == BINDING_BOUND || binding->state == BINDING_PROBING);

    if (bindings_lease(&core->bindings, &port->bindings, &reply->yiaddr, SOURCE_DHCP,
                       dhcp4_lifetime(reply), reply->type == DHCP4_OFFER, now) &&
        !delivered)
        dhcp4_replay(core, port, frame, raw);
}

void core_dhcp4_from_lan(Core *core, Parent *parent, const Frame *frame, RawFrame raw, guint64 now)
{
    const Dhcp4 *reply = &frame->dhcp4;
    Transaction *transaction;
    Port *port;

    if (!reply->from_server ||
        (reply->type != DHCP4_OFFER && reply->type != DHCP4_ACK && reply->type != DHCP4_NAK))
        return;
    /* The answer to an INFORM hands out nothing. */
    if (reply->type != DHCP4_NAK && address_unspecified(&reply->yiaddr))
        return;
    transaction = dhcp4_match(core, parent, reply);
    if (!transaction) {
        parent->counters.n[COUNTER_UNMATCHED]++;
        return;
    }
    port = transaction->owner->port;
    if (reply->type == DHCP4_NAK) {
        bindings_give_up(&core->bindings, &port->bindings, &transaction->wanted, SOURCE_DHCP,
                         UNBIND_NAK);
        return;
    }
    dhcp4_bind(core, port, frame, raw, now);
    if (reply->type == DHCP4_ACK)
        transaction_close(&core->transactions, transaction);
}

static void dhcp6_give_back(Core *core, Port *port, const Dhcp6 *dhcp, UnbindReason reason)
{
    for (size_t i = 0; i < TRANSACTIONS_MAX; i++) {
        Transaction *transaction = &port->transactions.transactions[i];

        if (transaction->key.family == AF_INET6 &&
            client_id_equal(&transaction->client_id, &dhcp->client_id))
            transaction_close(&core->transactions, transaction);
    }
    for (unsigned i = 0; i < dhcp->n_addresses; i++)
        bindings_give_up(&core->bindings, &port->bindings, &dhcp->addresses[i].address,
                         SOURCE_DHCPV6, reason);
}

void core_dhcp6_from_guest(Core *core, Port *port, const Frame *frame, guint64 now)
{
    static const guint8 no_chaddr[HWADDR_SIZE];
    const Dhcp6 *dhcp = &frame->dhcp6;
    TransactionKey key = {port->parent->ifindex, AF_INET6, dhcp->xid};
    Transaction *transaction;
    gboolean is_new;

    switch (dhcp->type) {
    case DHCP6_SOLICIT:
    case DHCP6_REQUEST:
    case DHCP6_CONFIRM:
    case DHCP6_RENEW:
    case DHCP6_REBIND:
        if (dhcp->client_id.size == 0)
            return;
        transaction = transaction_open(&core->transactions, &port->transactions, &key, no_chaddr,
                                       &dhcp->client_id, now, &is_new);
        if (is_new)
            port->counters.n[COUNTER_TRANSACTIONS]++;
        transaction->type = dhcp->type;
        transaction->client = frame->source;
        break;
    case DHCP6_RELEASE:
    case DHCP6_DECLINE:
        dhcp6_give_back(core, port, dhcp,
                        dhcp->type == DHCP6_RELEASE ? UNBIND_RELEASED : UNBIND_DECLINED);
        break;
    case DHCP6_ADVERTISE:
    case DHCP6_REPLY:
    case DHCP6_RECONFIGURE:
        port->counters.n[COUNTER_FORGED]++;
        break;
    }
}

static Transaction *dhcp6_match(Core *core, const Parent *parent, const Frame *frame)
{
    TransactionKey key = {parent->ifindex, AF_INET6, frame->dhcp6.xid};
    Transaction *oldest = NULL;

    for (Transaction *transaction = transactions_first(&core->transactions, &key); transaction;
         transaction = transactions_next(transaction)) {
        if (client_id_equal(&transaction->client_id, &frame->dhcp6.client_id) &&
            ip_equal(&transaction->client, &frame->destination) &&
            (!oldest || transaction->opened < oldest->opened))
            oldest = transaction;
    }
    return oldest;
}

/* The guest has moved: none of the addresses that it asked about fits this link. */
static void dhcp6_not_on_link(Core *core, Port *port)
{
    for (Binding *binding = port->bindings.used, *next; binding; binding = next) {
        next = binding->next;
        if (binding->source == SOURCE_DHCPV6)
            bindings_give_up(&core->bindings, &port->bindings, &binding->address, SOURCE_DHCPV6,
                             UNBIND_NAK);
    }
}

static void dhcp6_bind(Core *core, Port *port, const Dhcp6 *reply, guint64 now)
{
    for (unsigned i = 0; i < reply->n_addresses; i++) {
        const Dhcp6Address *address = &reply->addresses[i];

        if (!address->success)
            continue;
        if (address->valid == 0)
            bindings_give_up(&core->bindings, &port->bindings, &address->address, SOURCE_DHCPV6,
                             UNBIND_NAK);
        else
            (void)bindings_lease(&core->bindings, &port->bindings, &address->address, SOURCE_DHCPV6,
                                 MAX(address->valid, CORE_LEASE_MIN), FALSE, now);
    }
}

void core_dhcp6_from_lan(Core *core, Parent *parent, const Frame *frame, guint64 now)
{
    const Dhcp6 *reply = &frame->dhcp6;
    Transaction *transaction;
    Port *port;

    if (reply->type != DHCP6_REPLY)
        return;
    transaction = dhcp6_match(core, parent, frame);
    if (!transaction) {
        parent->counters.n[COUNTER_UNMATCHED]++;
        return;
    }
    port = transaction->owner->port;
    switch (transaction->type) {
    case DHCP6_CONFIRM:
        if (reply->status == DHCP6_STATUS_NOT_ON_LINK)
            dhcp6_not_on_link(core, port);
        break;
    case DHCP6_SOLICIT:
        if (!reply->rapid_commit)
            return;
        dhcp6_bind(core, port, reply, now);
        break;
    default:
        dhcp6_bind(core, port, reply, now);
        break;
    }
    transaction_close(&core->transactions, transaction);
}
