/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors */
#include "learner/binding.h"

#include "learner/inject.h"

#define CREDIT_ONE 1000

static void count(BindingOwner *owner, Counter counter)
{
    owner->counters->n[counter]++;
}

static bool is_leased(BindingSource source)
{
    return source == SOURCE_DHCP || source == SOURCE_DHCPV6;
}

/* In these the kernel has the address, as far as is known. */
static bool is_held(const Binding *binding)
{
    return binding->state == BINDING_BOUND || binding->state == BINDING_PROBING;
}

static guint64 time_after(guint64 now, guint32 lifetime)
{
    return lifetime == LIFETIME_FOREVER ? TIME_NEVER : now + (guint64)lifetime * 1000;
}

void bindings_init(Bindings *bindings, guint64 secret, ProposalSink sink, void *sink_data)
{
    *bindings = (Bindings){.sink = sink, .sink_data = sink_data};
    index_init(&bindings->index, secret);
}

void bindings_deinit(Bindings *bindings)
{
    index_deinit(&bindings->index);
    timers_deinit(&bindings->timers);
}

void bindings_owner_init(Bindings *bindings, BindingOwner *owner, guint32 port, guint32 parent,
                         const guint8 *hwaddr, Counters *counters, size_t n)
{
    *owner = (BindingOwner){.port = port,
                            .parent = parent,
                            .hwaddr = hwaddr,
                            .counters = counters,
                            .pool = g_new0(Binding, n),
                            .n_pool = n,
                            .credit = BINDING_RATE * CREDIT_ONE};
    for (size_t i = 0; i < n; i++) {
        timer_init(&owner->pool[i].timer);
        owner->pool[i].owner = owner;
        owner->pool[i].next = owner->free;
        owner->free = &owner->pool[i];
    }
    timers_reserve(&bindings->timers, n);
    index_reserve(&bindings->index, n);
}

static void binding_drop(Bindings *bindings, Binding *binding)
{
    BindingOwner *owner = binding->owner;
    Binding **link = &owner->used;

    while (*link != binding)
        link = &(*link)->next;
    *link = binding->next;
    timers_stop(&bindings->timers, &binding->timer);
    index_remove(&bindings->index, &binding->node);
    binding->state = BINDING_NONE;
    binding->next = owner->free;
    owner->free = binding;
}

void bindings_owner_deinit(Bindings *bindings, BindingOwner *owner)
{
    while (owner->used)
        binding_drop(bindings, owner->used);
    timers_release(&bindings->timers, owner->n_pool);
    index_release(&bindings->index, owner->n_pool);
    g_clear_pointer(&owner->pool, g_free);
}

Binding *bindings_find(const Bindings *bindings, guint32 parent, const IpAddress *address)
{
    IndexNode *node =
        index_first(&bindings->index, index_hash_address(&bindings->index, parent, address));

    for (; node; node = index_next(node)) {
        Binding *binding = (Binding *)node;

        if (binding->owner->parent == parent && ip_equal(&binding->address, address))
            return binding;
    }
    return NULL;
}

/* A free entry. What was refused is worth least, so the oldest of that gives way. */
static Binding *binding_new(Bindings *bindings, BindingOwner *owner, const IpAddress *address)
{
    Binding *binding, *oldest = NULL;

    if (!owner->free) {
        for (binding = owner->used; binding; binding = binding->next) {
            if (binding->state == BINDING_REFUSED &&
                (!oldest || binding->timer.due < oldest->timer.due))
                oldest = binding;
        }
        if (!oldest)
            return NULL;
        binding_drop(bindings, oldest);
    }
    binding = owner->free;
    g_assert(binding != NULL);
    owner->free = binding->next;
    *binding = (Binding){.owner = owner, .next = owner->used, .address = *address};
    timer_init(&binding->timer);
    owner->used = binding;
    index_insert(&bindings->index, &binding->node,
                 index_hash_address(&bindings->index, owner->parent, address));
    return binding;
}

static void propose(Bindings *bindings, const Binding *binding, ProposalKind kind, guint32 lifetime)
{
    Proposal proposal = {.kind = kind,
                         .port = binding->owner->port,
                         .address = binding->address,
                         .source = binding->source,
                         .lifetime = lifetime};

    bindings->sink(&proposal, bindings->sink_data);
}

static void unbind(Bindings *bindings, Binding *binding, UnbindReason reason)
{
    Proposal proposal = {.kind = PROPOSAL_UNBIND,
                         .port = binding->owner->port,
                         .address = binding->address,
                         .reason = reason};

    bindings->sink(&proposal, bindings->sink_data);
    count(binding->owner, COUNTER_UNBOUND);
    binding_drop(bindings, binding);
}

static void probe(Bindings *bindings, Binding *binding, guint64 now)
{
    guint8 frame[INJECT_PROBE_MAX];
    Proposal proposal = {.kind = PROPOSAL_PROBE,
                         .port = binding->owner->port,
                         .address = binding->address,
                         .frame = frame};

    proposal.frame_size = inject_probe(frame, binding->owner->hwaddr, &binding->address);
    bindings->sink(&proposal, bindings->sink_data);
    count(binding->owner, COUNTER_PROBES);
    binding->probes++;
    timers_set(&bindings->timers, &binding->timer, now + BINDING_PROBE_TIME);
}

static void enter_proposed(Bindings *bindings, Binding *binding, guint32 lifetime, guint64 now)
{
    binding->state = BINDING_PROPOSED;
    binding->expires = time_after(now, lifetime);
    binding->seen = now;
    propose(bindings, binding, PROPOSAL_BIND, lifetime);
    timers_set(&bindings->timers, &binding->timer, now + BINDING_PROPOSED_TIME);
}

/* Being seen only notes the time; the timer, when it runs out, looks at it. */
static void enter_bound(Bindings *bindings, Binding *binding)
{
    guint64 due = binding->expires;

    binding->state = BINDING_BOUND;
    if (!is_leased(binding->source))
        due = MIN(due, binding->seen + BINDING_IDLE_TIME);
    timers_set(&bindings->timers, &binding->timer, due);
}

static void enter_probing(Bindings *bindings, Binding *binding, UnbindReason doubt, guint64 now)
{
    binding->state = BINDING_PROBING;
    binding->doubt = doubt;
    binding->probes = 0;
    probe(bindings, binding, now);
}

static void enter_refused(Bindings *bindings, Binding *binding, guint64 now)
{
    binding->state = BINDING_REFUSED;
    timers_set(&bindings->timers, &binding->timer, now + BINDING_REFUSED_TIME);
}

static void extend(Bindings *bindings, Binding *binding, guint32 lifetime, guint64 now)
{
    binding->expires = time_after(now, lifetime);
    propose(bindings, binding, PROPOSAL_EXTEND, lifetime);
}

static void seen(Bindings *bindings, Binding *binding, guint64 now)
{
    if (!is_held(binding))
        return;
    binding->seen = now;
    if (!is_leased(binding->source) && binding->expires < time_after(now, BINDING_LIFETIME / 2))
        extend(bindings, binding, BINDING_LIFETIME, now);
    if (binding->state == BINDING_PROBING)
        enter_bound(bindings, binding);
}

static bool credit_take(BindingOwner *owner, guint64 now)
{
    guint64 earned = (now - owner->credited) * BINDING_RATE;

    owner->credited = now;
    owner->credit = (guint32)MIN(owner->credit + earned, BINDING_RATE * CREDIT_ONE);
    if (owner->credit < CREDIT_ONE)
        return false;
    owner->credit -= CREDIT_ONE;
    return true;
}

/* Another tap wants what `binding` stands for. */
static void contest(Bindings *bindings, Binding *binding, BindingSource source, guint64 now)
{
    if (is_leased(binding->source) && !is_leased(source))
        return;
    if (binding->state != BINDING_BOUND ||
        (binding->doubted != 0 && now - binding->doubted < BINDING_DOUBT_TIME))
        return;
    binding->doubted = now;
    enter_probing(bindings, binding, UNBIND_CONTESTED, now);
}

/* An entry for what the tap does not have yet; NULL when it cannot have it. `binding` is the entry
 * of somebody else, if there is one. */
static Binding *claim_new(Bindings *bindings, BindingOwner *owner, Binding *binding,
                          const IpAddress *address, BindingSource source, guint64 now)
{
    if (!address_claimable(address)) {
        count(owner, COUNTER_INVALID);
        return NULL;
    }
    if (!credit_take(owner, now)) {
        count(owner, COUNTER_RATE);
        return NULL;
    }
    if (binding && binding->state != BINDING_REFUSED) {
        count(owner, COUNTER_HELD);
        contest(bindings, binding, source, now);
        return NULL;
    }
    if (binding)
        binding_drop(bindings, binding);
    binding = binding_new(bindings, owner, address);
    if (!binding) {
        count(owner, COUNTER_FULL);
        return NULL;
    }
    binding->source = source;
    count(owner, COUNTER_CLAIMS);
    return binding;
}

void bindings_claim(Bindings *bindings, BindingOwner *owner, const IpAddress *address,
                    BindingSource source, guint64 now)
{
    Binding *binding = bindings_find(bindings, owner->parent, address);

    if (binding && binding->owner == owner) {
        if (binding->state == BINDING_REFUSED)
            count(owner, COUNTER_REFUSED);
        seen(bindings, binding, now);
        return;
    }
    binding = claim_new(bindings, owner, binding, address, source, now);
    if (!binding)
        return;
    if (source == SOURCE_DAD) {
        binding->state = BINDING_TENTATIVE;
        timers_set(&bindings->timers, &binding->timer, now + BINDING_TENTATIVE_TIME);
    } else {
        enter_proposed(bindings, binding, BINDING_LIFETIME, now);
    }
}

bool bindings_lease(Bindings *bindings, BindingOwner *owner, const IpAddress *address,
                    BindingSource source, guint32 lifetime, bool offer, guint64 now)
{
    Binding *binding = bindings_find(bindings, owner->parent, address);

    if (!binding || binding->owner != owner) {
        binding = claim_new(bindings, owner, binding, address, source, now);
        if (!binding)
            return false;
        binding->offered = offer;
        enter_proposed(bindings, binding, lifetime, now);
        return true;
    }
    if (binding->state == BINDING_REFUSED && !credit_take(owner, now)) {
        count(owner, COUNTER_RATE);
        return false;
    }
    if (offer && (is_held(binding) || binding->state == BINDING_PROPOSED) &&
        binding->expires >= time_after(now, lifetime))
        return true;

    binding->offered = offer && (binding->offered || !is_held(binding));
    if (!offer || !is_held(binding))
        binding->source = source;
    if (is_held(binding)) {
        extend(bindings, binding, lifetime, now);
        enter_bound(bindings, binding);
    } else {
        enter_proposed(bindings, binding, lifetime, now);
    }
    return true;
}

void bindings_seen(Bindings *bindings, BindingOwner *owner, const IpAddress *address, guint64 now)
{
    Binding *binding = bindings_find(bindings, owner->parent, address);

    if (binding && binding->owner == owner)
        seen(bindings, binding, now);
}

void bindings_defended(Bindings *bindings, guint32 parent, const IpAddress *address)
{
    Binding *binding = bindings_find(bindings, parent, address);

    if (!binding || binding->state != BINDING_TENTATIVE)
        return;
    count(binding->owner, COUNTER_DEFENDED);
    binding_drop(bindings, binding);
}

void bindings_give_up(Bindings *bindings, BindingOwner *owner, const IpAddress *address,
                      BindingSource source, UnbindReason reason)
{
    Binding *binding = bindings_find(bindings, owner->parent, address);

    if (!binding || binding->owner != owner || binding->state == BINDING_REFUSED)
        return;
    if (binding->state == BINDING_TENTATIVE)
        binding_drop(bindings, binding);
    else if (binding->source == source)
        unbind(bindings, binding, reason);
}

void bindings_doubt(Bindings *bindings, Binding *binding, UnbindReason reason, guint64 now)
{
    if (binding->state != BINDING_BOUND || is_leased(binding->source) ||
        (binding->doubted != 0 && now - binding->doubted < BINDING_DOUBT_TIME))
        return;
    /* The timer sends the first probe, so that many doubts at once do not make a burst. */
    binding->doubted = now;
    binding->doubt = reason;
    binding->state = BINDING_PROBING;
    binding->probes = 0;
    timers_set(&bindings->timers, &binding->timer, now);
}

void bindings_verdict(Bindings *bindings, BindingOwner *owner, const IpAddress *address,
                      Verdict verdict, BindingSource source, guint32 lifetime, guint64 now)
{
    Binding *binding = bindings_find(bindings, owner->parent, address);

    /* The kernel lets no two siblings have one address: whoever had it before has lost it. */
    if (binding && binding->owner != owner) {
        if (verdict != VERDICT_ACCEPTED)
            return;
        binding_drop(bindings, binding);
        binding = NULL;
    }
    switch (verdict) {
    case VERDICT_ACCEPTED:
        if (!binding)
            binding = binding_new(bindings, owner, address);
        if (!binding) {
            count(owner, COUNTER_FULL);
            return;
        }
        if (!is_held(binding))
            binding->seen = now;
        binding->source = source;
        binding->expires = time_after(now, lifetime);
        if (binding->state != BINDING_PROBING)
            enter_bound(bindings, binding);
        break;
    case VERDICT_REFUSED:
        if (!binding || binding->state == BINDING_TENTATIVE)
            return;
        count(owner, COUNTER_REFUSED);
        enter_refused(bindings, binding, now);
        break;
    case VERDICT_EXPIRED:
    case VERDICT_REMOVED:
        if (binding && is_held(binding))
            binding_drop(bindings, binding);
        break;
    }
}

static void timer_bound(Bindings *bindings, Binding *binding, guint64 now)
{
    if (now >= binding->expires)
        binding_drop(bindings, binding);
    else if (!is_leased(binding->source) && now >= binding->seen + BINDING_IDLE_TIME)
        enter_probing(bindings, binding, UNBIND_IDLE, now);
    else
        enter_bound(bindings, binding);
}

bool bindings_tick(Bindings *bindings, guint64 now)
{
    Timer *timer = timers_first(&bindings->timers);
    Binding *binding;

    if (!timer || timer->due > now)
        return false;
    binding = (Binding *)((char *)timer - G_STRUCT_OFFSET(Binding, timer));
    switch (binding->state) {
    case BINDING_TENTATIVE:
        enter_proposed(bindings, binding, BINDING_LIFETIME, now);
        break;
    case BINDING_BOUND:
        timer_bound(bindings, binding, now);
        break;
    case BINDING_PROBING:
        if (binding->probes < BINDING_PROBES)
            probe(bindings, binding, now);
        else
            unbind(bindings, binding, binding->doubt);
        break;
    case BINDING_PROPOSED:
    case BINDING_REFUSED:
        binding_drop(bindings, binding);
        break;
    case BINDING_NONE:
        g_assert_not_reached();
    }
    return true;
}
