/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "daemon/parents.h"

#include "daemon/announce.h"
#include "daemon/learner.h"
#include "daemon/log.h"

#include <errno.h>
#include <string.h>

struct Parents {
    Service *service;
    Announcer *announcer;
    GArray *list; /* of ParentState; their number is bounded by the learner's sockets */
};

static ParentState *find_name(Parents *parents, const char *name)
{
    for (guint i = 0; i < parents->list->len; i++) {
        ParentState *parent = &g_array_index(parents->list, ParentState, i);
        if (g_str_equal(parent->name, name))
            return parent;
    }
    return NULL;
}

static ParentState *find_ifindex(const Parents *parents, guint32 ifindex)
{
    for (guint i = 0; i < parents->list->len; i++) {
        ParentState *parent = &g_array_index(parents->list, ParentState, i);
        if (parent->ifindex == ifindex)
            return parent;
    }
    return NULL;
}

static void lose(Parents *parents, ParentState *parent)
{
    learner_send_orphan(parents->service->learner, parent->ifindex);
    log_notice("interface %s has gone", parent->name);
    parent->ifindex = 0;
}

/* The kernel gives an ipvtap its parent's new MAC by itself. `again`: the learner has forgotten
 * them, with the parent, which was renamed or has only just been noticed. */
static void follow_devices(Parents *parents, const ParentState *parent, gboolean again)
{
    g_autoptr(GPtrArray) devices = registry_list(keeper_registry(parents->service->keeper));

    for (guint i = 0; i < devices->len; i++) {
        Device *device = g_ptr_array_index(devices, i);

        if (device->ended || device->parent != parent->ifindex || device->type != DEVICE_IPVTAP)
            continue;
        memcpy(device->hwaddr, parent->hwaddr, HWADDR_SIZE);
        translator_follow(parents->service->translator, device);
        if (again)
            learner_send_device(parents->service->learner, device);
    }
}

static void gain(Parents *parents, ParentState *parent, const Link *link)
{
    g_autoptr(GError) error = NULL;

    if (!learner_listen(parents->service->learner, parent->slot, link->ifindex, &error)) {
        log_warning("%s: no addresses are learned on %s", error->message, parent->name);
        return;
    }
    parent->ifindex = link->ifindex;
    memcpy(parent->hwaddr, link->hwaddr, HWADDR_SIZE);
    learner_send_parent(parents->service->learner, parent->ifindex, parent->hwaddr);
    follow_devices(parents, parent, TRUE);
}

static void change_hwaddr(Parents *parents, ParentState *parent, const Link *link)
{
    memcpy(parent->hwaddr, link->hwaddr, HWADDR_SIZE);
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

void parents_note(Parents *parents, const Link *link, gboolean gone)
{
    ParentState *known = find_ifindex(parents, link->ifindex);

    /* Gone, or renamed: then it is no longer the interface that the policy names. */
    if (known != NULL && (gone || !g_str_equal(known->name, link->name)))
        lose(parents, known);
    ParentState *parent = gone ? NULL : find_name(parents, link->name);
    if (parent == NULL || link->hwaddr_size != HWADDR_SIZE)
        return;
    if (parent->ifindex != link->ifindex) {
        if (parent->ifindex != 0)
            lose(parents, parent);
        gain(parents, parent, link);
    } else if (memcmp(parent->hwaddr, link->hwaddr, HWADDR_SIZE) != 0) {
        change_hwaddr(parents, parent, link);
    }
    announce_once_up(parents, parent, link);
}

static void add(Parents *parents, const char *name)
{
    ParentState parent = {.slot = parents->list->len};

    if (find_name(parents, name) != NULL)
        return;
    if (parents->list->len == LEARNER_PARENTS) {
        log_warning("no addresses are learned on %s: the policy has more than %d parents", name,
                    LEARNER_PARENTS);
        return;
    }
    g_strlcpy(parent.name, name, sizeof(parent.name));
    g_array_append_val(parents->list, parent);
}

Parents *parents_new(Service *service, GError **error)
{
    g_autoptr(Parents) parents = g_new0(Parents, 1);

    parents->service = service;
    parents->announcer = announcer_new(service);
    parents->list = g_array_new(FALSE, FALSE, sizeof(ParentState));
    for (size_t i = 0; i < policy_n_networks(service->policy); i++)
        add(parents, policy_network(service->policy, i)->parent);

    g_autoptr(GPtrArray) links = link_list(service->kernel.host, error);
    if (links == NULL)
        return NULL;
    for (guint i = 0; i < links->len; i++)
        parents_note(parents, g_ptr_array_index(links, i), FALSE);
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
