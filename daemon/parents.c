/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "daemon/parents.h"

#include "daemon/announce.h"
#include "daemon/learner.h"
#include "daemon/log.h"
#include "daemon/networks.h"
#include "daemon/reload.h"

#include <errno.h>
#include <string.h>

struct Parents {
    Service *service;
    Announcer *announcer;
    GArray *list;                    /* of ParentState */
    gboolean slots[LEARNER_PARENTS]; /* which of the learner's sockets are in use */
};

static ParentState *at(const Parents *parents, guint index)
{
    return &g_array_index(parents->list, ParentState, index);
}

static ParentState *find_name(const Parents *parents, const char *name)
{
    for (guint i = 0; i < parents->list->len; i++)
        if (g_str_equal(at(parents, i)->name, name))
            return at(parents, i);
    return NULL;
}

static ParentState *find_ifindex(const Parents *parents, guint32 ifindex)
{
    for (guint i = 0; i < parents->list->len; i++)
        if (at(parents, i)->ifindex == ifindex)
            return at(parents, i);
    return NULL;
}

static gboolean is_named(const Parents *parents, const char *name)
{
    const Policy *policy = parents->service->policy;

    for (size_t i = 0; i < policy_n_networks(policy); i++)
        if (g_str_equal(policy_network(policy, i)->parent, name))
            return TRUE;
    return FALSE;
}

/* ── the learner's ear ──────────────────────────────────────────────────────────────────────────
 */

static gboolean has_free_slot(const Parents *parents)
{
    for (guint slot = 0; slot < LEARNER_PARENTS; slot++)
        if (!parents->slots[slot])
            return TRUE;
    return FALSE;
}

static void take_slot(Parents *parents, ParentState *parent)
{
    for (guint slot = 0; parent->slot == PARENT_DEAF && slot < LEARNER_PARENTS; slot++) {
        if (parents->slots[slot])
            continue;
        parents->slots[slot] = TRUE;
        parent->slot = slot;
    }
}

static void give_slot_back(Parents *parents, ParentState *parent)
{
    if (parent->slot == PARENT_DEAF)
        return;
    learner_deafen(parents->service->learner, parent->slot);
    parents->slots[parent->slot] = FALSE;
    parent->slot = PARENT_DEAF;
}

static void listen_to(Parents *parents, ParentState *parent)
{
    g_autoptr(GError) error = NULL;

    take_slot(parents, parent);
    if (parent->slot == PARENT_DEAF) {
        log_warning("no addresses are learned on %s: it is one more than the %d parents that can "
                    "be listened to",
                    parent->name, LEARNER_PARENTS);
        return;
    }
    if (learner_listen(parents->service->learner, parent->slot, parent->ifindex, &error))
        return;
    log_warning("%s: no addresses are learned on %s", error->message, parent->name);
    give_slot_back(parents, parent);
}

/* ── devices ────────────────────────────────────────────────────────────────────────────────────
 */

static GPtrArray *devices_on(const Parents *parents, guint32 ifindex)
{
    GPtrArray *devices = registry_list(keeper_registry(parents->service->keeper));

    for (guint i = devices->len; i-- > 0;) {
        const Device *device = g_ptr_array_index(devices, i);

        if (device->ended || device->parent != ifindex)
            g_ptr_array_remove_index(devices, i);
    }
    return devices;
}

static gboolean carries_devices(const Parents *parents, guint32 ifindex)
{
    g_autoptr(GPtrArray) devices = devices_on(parents, ifindex);

    return devices->len > 0;
}

/* The kernel gives an ipvtap its parent's new MAC by itself. `again`: the learner does not know
 * them, since it has only just been told of the parent. */
static void follow_devices(Parents *parents, const ParentState *parent, gboolean again)
{
    g_autoptr(GPtrArray) devices = devices_on(parents, parent->ifindex);

    for (guint i = 0; i < devices->len; i++) {
        Device *device = g_ptr_array_index(devices, i);

        if (device->type != DEVICE_IPVTAP)
            continue;
        memcpy(device->hwaddr, parent->hwaddr, HWADDR_SIZE);
        translator_follow(parents->service->translator, device);
        if (again)
            learner_send_device(parents->service->learner, device);
    }
}

/* That of an ipvtap is its parent's, and the kernel tells nobody. */
static void follow_mtu(Parents *parents, const ParentState *parent)
{
    g_autoptr(GPtrArray) devices = devices_on(parents, parent->ifindex);

    for (guint i = 0; i < devices->len; i++) {
        Device *device = g_ptr_array_index(devices, i);

        if (device->type == DEVICE_IPVTAP)
            device->mtu = parent->mtu;
    }
}

/* The kernel deletes them with an interface that is unregistered, and leaves them to one that has
 * moved to another network namespace: there nothing of ours could watch over them. */
static void end_devices(Parents *parents, const char *name, guint32 ifindex)
{
    g_autoptr(GPtrArray) devices = devices_on(parents, ifindex);

    for (guint i = 0; i < devices->len; i++)
        keeper_drop(parents->service->keeper, g_ptr_array_index(devices, i), KEEPER_PARENT_GONE);
    if (devices->len > 0)
        log_warning("%u devices were on %s: their guests have no network any more", devices->len,
                    name);
}

/* ── parents ────────────────────────────────────────────────────────────────────────────────────
 */

static ParentState *add(Parents *parents, const char *name, gboolean named)
{
    ParentState parent = {.named = named, .slot = PARENT_DEAF};

    g_strlcpy(parent.name, name, sizeof(parent.name));
    g_array_append_val(parents->list, parent);
    return at(parents, parents->list->len - 1);
}

/* Ends what was known of it; the entry stays, missing. */
static void lose(Parents *parents, ParentState *parent)
{
    guint32 ifindex = parent->ifindex;

    learner_send_orphan(parents->service->learner, ifindex);
    give_slot_back(parents, parent);
    parent->ifindex = 0;
    log_notice("interface %s has gone", parent->name);
    networks_parent_changed(parents->service, parent);
    /* Last: each device that ends may make us forget a parent. */
    end_devices(parents, parent->name, ifindex);
}

/* Whether anything of it is another than what was known; then it is known. */
static gboolean take_state(ParentState *parent, const Link *link)
{
    gboolean up = (link->flags & IFF_UP) != 0;

    if (parent->mtu == link->mtu && parent->up == up && parent->carrier == link->carrier &&
        memcmp(parent->hwaddr, link->hwaddr, HWADDR_SIZE) == 0)
        return FALSE;
    parent->mtu = link->mtu;
    parent->up = up;
    parent->carrier = link->carrier;
    memcpy(parent->hwaddr, link->hwaddr, HWADDR_SIZE);
    return TRUE;
}

static void gain(Parents *parents, ParentState *parent, const Link *link)
{
    parent->ifindex = link->ifindex;
    take_state(parent, link);
    listen_to(parents, parent);
    learner_send_parent(parents->service->learner, parent->ifindex, parent->hwaddr);
    follow_devices(parents, parent, TRUE);
    networks_parent_changed(parents->service, parent);
}

static void change_hwaddr(Parents *parents, ParentState *parent)
{
    learner_send_parent(parents->service->learner, parent->ifindex, parent->hwaddr);
    follow_devices(parents, parent, FALSE);
    parent->unannounced = TRUE;
    log_notice("interface %s has another MAC, and its devices follow", parent->name);
}

/* Whoever changes a MAC often takes the interface down for it. */
static void announce_once_up(Parents *parents, ParentState *parent, const Link *link)
{
    if (!parent->unannounced || (link->flags & IFF_RUNNING) == 0)
        return;
    parent->unannounced = FALSE;
    announcer_start(parents->announcer, parent->ifindex);
}

/* The interface is the same, with the devices on it. A network that names it by its old name has no
 * parent now, and one may name it by the new one. */
static void rename_parent(Parents *parents, ParentState *parent, const char *name)
{
    g_autofree char *old = g_strdup(parent->name);
    const ParentState *missing = find_name(parents, name);
    guint32 ifindex = parent->ifindex;

    log_notice("interface %s is called %s now", old, name);
    if (missing != NULL && missing->ifindex == 0) {
        g_array_remove_index_fast(parents->list,
                                  (guint)(missing - (const ParentState *)parents->list->data));
        parent = find_ifindex(parents, ifindex);
    }
    g_strlcpy(parent->name, name, sizeof(parent->name));
    parent->named = is_named(parents, name);
    networks_parent_changed(parents->service, parent);
    if (is_named(parents, old))
        networks_parent_changed(parents->service, add(parents, old, TRUE));
    reload_review(parents->service);
}

/* Leaves interfaces alone that nothing needs any more, and listens to others instead. */
static void sweep(Parents *parents)
{
    for (guint i = parents->list->len; i-- > 0;) {
        ParentState *parent = at(parents, i);

        if (parent->named || (parent->ifindex != 0 && carries_devices(parents, parent->ifindex)))
            continue;
        if (parent->ifindex != 0)
            learner_send_orphan(parents->service->learner, parent->ifindex);
        give_slot_back(parents, parent);
        g_array_remove_index_fast(parents->list, i);
    }
    for (guint i = 0; i < parents->list->len; i++)
        if (at(parents, i)->ifindex != 0 && at(parents, i)->slot == PARENT_DEAF &&
            has_free_slot(parents))
            listen_to(parents, at(parents, i));
}

static void note_known(Parents *parents, ParentState *parent, const Link *link)
{
    if (!g_str_equal(parent->name, link->name)) {
        rename_parent(parents, parent, link->name);
        parent = find_ifindex(parents, link->ifindex);
    }
    gboolean other_mac = memcmp(parent->hwaddr, link->hwaddr, HWADDR_SIZE) != 0;
    gboolean other_mtu = parent->mtu != link->mtu;
    if (take_state(parent, link)) {
        if (other_mtu)
            follow_mtu(parents, parent);
        if (other_mac)
            change_hwaddr(parents, parent);
        networks_parent_changed(parents->service, parent);
    }
    announce_once_up(parents, parent, link);
}

void parents_note(Parents *parents, const Link *link, gboolean gone)
{
    ParentState *known = find_ifindex(parents, link->ifindex);

    if (known != NULL && gone) {
        lose(parents, known);
        sweep(parents);
        return;
    }
    if (gone || link->hwaddr_size != HWADDR_SIZE)
        return;
    if (known != NULL) {
        note_known(parents, known, link);
        sweep(parents);
        return;
    }

    ParentState *parent = find_name(parents, link->name);
    if (parent == NULL)
        return;
    if (parent->ifindex != 0)
        lose(parents, parent); /* and with another ifindex it is there again */
    gain(parents, parent, link);
}

/* What an earlier daemon left may stand on an interface that no network names. */
static void add_carriers(Parents *parents, const GPtrArray *links)
{
    g_autoptr(GPtrArray) devices = registry_list(keeper_registry(parents->service->keeper));
    g_autoptr(GHashTable) carriers = g_hash_table_new(g_direct_hash, g_direct_equal);

    for (guint i = 0; i < devices->len; i++)
        g_hash_table_add(carriers,
                         GUINT_TO_POINTER(((const Device *)g_ptr_array_index(devices, i))->parent));
    for (guint i = 0; i < links->len; i++) {
        const Link *link = g_ptr_array_index(links, i);

        if (g_hash_table_contains(carriers, GUINT_TO_POINTER(link->ifindex)) &&
            find_ifindex(parents, link->ifindex) == NULL && find_name(parents, link->name) == NULL)
            add(parents, link->name, FALSE);
    }
}

static gboolean look_at_all(Parents *parents, GError **error)
{
    g_autoptr(GPtrArray) links = link_list(parents->service->kernel.host, error);
    g_autoptr(GHashTable) there = g_hash_table_new(g_direct_hash, g_direct_equal);

    if (links == NULL)
        return FALSE;
    for (guint i = 0; i < links->len; i++)
        g_hash_table_add(there,
                         GUINT_TO_POINTER(((const Link *)g_ptr_array_index(links, i))->ifindex));
    for (guint i = parents->list->len; i-- > 0;) {
        ParentState *parent = at(parents, i);

        if (parent->ifindex != 0 &&
            !g_hash_table_contains(there, GUINT_TO_POINTER(parent->ifindex)))
            lose(parents, parent);
    }
    add_carriers(parents, links);
    for (guint i = 0; i < links->len; i++)
        parents_note(parents, g_ptr_array_index(links, i), FALSE);
    return TRUE;
}

void parents_refresh(Parents *parents)
{
    g_autoptr(GError) error = NULL;

    if (!look_at_all(parents, &error))
        log_warning("%s: what has become of the parents is not known", error->message);
}

static void mark_named(Parents *parents)
{
    const Policy *policy = parents->service->policy;

    for (guint i = 0; i < parents->list->len; i++)
        at(parents, i)->named = FALSE;
    for (size_t i = 0; i < policy_n_networks(policy); i++) {
        const char *name = policy_network(policy, i)->parent;
        ParentState *parent = find_name(parents, name);

        if (parent != NULL)
            parent->named = TRUE;
        else
            add(parents, name, TRUE);
    }
}

void parents_follow_policy(Parents *parents)
{
    mark_named(parents);
    sweep(parents);
    parents_refresh(parents);
    for (guint i = 0; i < parents->list->len; i++)
        if (at(parents, i)->ifindex == 0)
            networks_parent_changed(parents->service, at(parents, i));
}

void parents_device_gone(Parents *parents, guint32 ifindex)
{
    const ParentState *parent = parents == NULL ? NULL : find_ifindex(parents, ifindex);

    if (parent != NULL && !parent->named && !carries_devices(parents, ifindex))
        sweep(parents);
}

Parents *parents_new(Service *service, GError **error)
{
    g_autoptr(Parents) parents = g_new0(Parents, 1);

    parents->service = service;
    parents->announcer = announcer_new(service);
    parents->list = g_array_new(FALSE, FALSE, sizeof(ParentState));
    mark_named(parents);
    if (!look_at_all(parents, error))
        return NULL;
    return g_steal_pointer(&parents);
}

void parents_free(Parents *parents)
{
    announcer_free(parents->announcer);
    g_array_unref(parents->list);
    g_free(parents);
}

const GArray *parents_list(const Parents *parents)
{
    return parents->list;
}

const ParentState *parents_find(const Parents *parents, guint32 ifindex)
{
    return find_ifindex(parents, ifindex);
}

const ParentState *parents_find_name(const Parents *parents, const char *name)
{
    return find_name(parents, name);
}
