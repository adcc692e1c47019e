/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "daemon/host-path.h"

#include "daemon/host-link.h"
#include "daemon/host-neighbours.h"
#include "daemon/log.h"
#include "daemon/networks.h"
#include "daemon/parent.h"

#include <errno.h>
#include <string.h>

#define REVIEW_MS 50     /* bindings come in groups */
#define REVIEW_SHARE 10  /* of the daemon's time at most one part in so many goes into reviews */
#define RETRY_SECONDS 10 /* by then the kernel knows whether a neighbour is still there */

typedef struct {
    guint32 ifindex; /* of the parent */
    gboolean made;   /* its door, for this MAC: */
    guint8 hwaddr[HWADDR_SIZE];
    gint64 checked;      /* g_get_monotonic_time() when all of it was last made sure of */
    gint64 patience;     /* and from which on it may be tried again */
    char *trouble;       /* NULL: none */
    char *guest_trouble; /* why not one of the guests; NULL: no reason */
    HostNeighbours *neighbours;
} Served;

struct HostPath {
    Service *service;
    Rtnl *host;
    GHashTable *served;                /* ifindex of the parent -> Served */
    guint review_source, retry_source; /* 0: none */
    gint64 review_cost;                /* microseconds that the last one took */
};

static void served_free(gpointer data)
{
    Served *served = data;

    host_neighbours_free(served->neighbours);
    g_free(served->trouble);
    g_free(served->guest_trouble);
    g_free(served);
}

static Served *serve(HostPath *path, guint32 parent)
{
    gpointer key = GUINT_TO_POINTER(parent);
    Served *served = g_hash_table_lookup(path->served, key);

    if (served != NULL)
        return served;
    served = g_new0(Served, 1);
    served->ifindex = parent;
    served->neighbours = host_neighbours_new(path->service);
    g_hash_table_insert(path->served, key, served);
    return served;
}

/* The first that the policy has on this parent and that says host=on. */
static const PolicyNetwork *network_of(const HostPath *path, const ParentState *parent)
{
    const Policy *policy = path->service->policy;

    for (size_t i = 0; i < policy_n_networks(policy); i++) {
        const PolicyNetwork *network = policy_network(policy, i);

        if (network->host && g_str_equal(network->parent, parent->name))
            return network;
    }
    return NULL;
}

/* ── parents ────────────────────────────────────────────────────────────────────────────────────
 */

static gboolean has_door(const HostPath *path, const Served *served)
{
    char name[IFNAMSIZ];

    host_link_name(served->ifindex, name);
    g_autoptr(Link) link = link_get_by_name(path->host, name, NULL);
    return link != NULL && host_link_is(link) && (link->flags & IFF_UP) != 0;
}

/* Somebody may have taken a part of it away, and of most parts the daemon is not told. */
static gboolean is_made(const HostPath *path, const Served *served, const ParentState *parent)
{
    gint64 age = g_get_monotonic_time() - served->checked;

    return served->made && memcmp(served->hwaddr, parent->hwaddr, HWADDR_SIZE) == 0 &&
           age < RETRY_SECONDS * G_USEC_PER_SEC && has_door(path, served);
}

static void explain_busy(const HostPath *path, const Served *served, const PolicyNetwork *network,
                         const GError *failure, GError **error)
{
    g_autoptr(Link) link = link_get(path->host, served->ifindex, error);

    if (link != NULL)
        parent_explain(path->host, network, link, DEVICE_IPVLAN, failure, error);
}

/* One that has gone has taken all along. */
static void leave(const HostPath *path, const Served *served)
{
    host_neighbours_clear(path->host, served->ifindex);
    host_link_remove(path->host, served->ifindex);
}

static gboolean make_door(const HostPath *path, Served *served, const ParentState *parent,
                          const PolicyNetwork *network, GError **error)
{
    g_autoptr(GError) failure = NULL;

    if (is_made(path, served, parent))
        return TRUE;
    if (host_link_make(path->host, served->ifindex, parent->hwaddr, &failure)) {
        memcpy(served->hwaddr, parent->hwaddr, HWADDR_SIZE);
        served->made = TRUE;
        served->checked = g_get_monotonic_time();
        return TRUE;
    }

    /* What worked goes on, however often the question whether it still does has no answer. */
    if (!served->made || !rtnl_answer_lost(failure)) {
        leave(path, served);
        served->made = FALSE;
    }
    if (g_error_matches(failure, RTNL_ERROR, EBUSY))
        explain_busy(path, served, network, failure, error);
    else if (g_error_matches(failure, RTNL_ERROR, ENOENT))
        g_set_error(error, RTNL_ERROR, ENOENT,
                    "%s (host=on needs the kernel modules cls_flower, act_mirred, act_pedit and "
                    "act_gact)",
                    failure->message);
    else
        g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

static void serve_parent(const HostPath *path, Served *served, const ParentState *parent,
                         const PolicyNetwork *network)
{
    gint64 now = g_get_monotonic_time();
    g_autofree char *before = NULL, *guest_before = NULL;
    g_autoptr(GError) error = NULL;
    gboolean first = !served->made;

    /* To try is to make a link and to delete it, which is news of the parent's as well. */
    if (now < served->patience)
        return;
    before = g_steal_pointer(&served->trouble);
    guest_before = g_steal_pointer(&served->guest_trouble);
    /* While it is down it has no neighbours. */
    if (!make_door(path, served, parent, network, &error) ||
        (parent->up &&
         !host_neighbours_follow(served->neighbours, parent, &served->guest_trouble, &error))) {
        served->trouble = g_strdup(error->message);
        served->patience = now + (RETRY_SECONDS - 1) * G_USEC_PER_SEC;
        if (g_strcmp0(before, served->trouble) != 0)
            log_warning("the host does not reach its guests on %s: %s", parent->name,
                        served->trouble);
    } else if (first) {
        log_notice("this host and its guests on %s reach each other", parent->name);
    }
    if (g_strcmp0(before, served->trouble) != 0 ||
        g_strcmp0(guest_before, served->guest_trouble) != 0)
        networks_host_changed(path->service, parent->name);
}

static void leave_unwanted(const HostPath *path)
{
    const Parents *parents = path->service->parents;
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, path->served);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const Served *served = value;
        const ParentState *parent = parents_find(parents, served->ifindex);

        if (parent != NULL && network_of(path, parent) != NULL)
            continue;
        leave(path, served);
        g_hash_table_iter_remove(&iter);
    }
}

static gboolean serve_wanted(HostPath *path)
{
    const GArray *parents = parents_list(path->service->parents);
    gboolean trouble = FALSE;

    for (guint i = 0; i < parents->len; i++) {
        const ParentState *parent = &g_array_index(parents, ParentState, i);
        const PolicyNetwork *network = parent->ifindex != 0 ? network_of(path, parent) : NULL;

        if (network == NULL)
            continue;
        Served *served = serve(path, parent->ifindex);
        serve_parent(path, served, parent, network);
        trouble |= served->trouble != NULL || served->guest_trouble != NULL;
    }
    return trouble;
}

/* ── when ───────────────────────────────────────────────────────────────────────────────────────
 */

static void stop_waiting(guint *source)
{
    if (*source != 0)
        g_source_remove(*source);
    *source = 0;
}

static gboolean review(HostPath *path);

static gboolean on_review(gpointer data)
{
    HostPath *path = data;

    path->review_source = 0;
    return review(path);
}

static gboolean on_retry(gpointer data)
{
    HostPath *path = data;

    path->retry_source = 0;
    return review(path);
}

static gboolean review(HostPath *path)
{
    gint64 start = g_get_monotonic_time();

    leave_unwanted(path);
    stop_waiting(&path->retry_source);
    if (serve_wanted(path))
        path->retry_source = g_timeout_add_seconds(RETRY_SECONDS, on_retry, path);
    path->review_cost = g_get_monotonic_time() - start;
    return G_SOURCE_REMOVE;
}

static gboolean is_wanted(const HostPath *path)
{
    const Policy *policy = path->service->policy;

    for (size_t i = 0; i < policy_n_networks(policy); i++)
        if (policy_network(policy, i)->host)
            return TRUE;
    return FALSE;
}

void host_path_review(HostPath *path)
{
    if (path == NULL || path->review_source != 0 ||
        (g_hash_table_size(path->served) == 0 && !is_wanted(path)))
        return;
    gint64 pause = MAX(REVIEW_MS, REVIEW_SHARE * path->review_cost / 1000);
    path->review_source = g_timeout_add((guint)MIN(pause, G_MAXINT32), on_review, path);
}

void host_path_note_link(HostPath *path, const Link *link)
{
    const Served *served;

    if (path == NULL)
        return;
    served = g_hash_table_lookup(path->served, GUINT_TO_POINTER(link->parent));
    if (parents_find(path->service->parents, link->ifindex) != NULL ||
        g_hash_table_contains(path->served, GUINT_TO_POINTER(link->ifindex)) ||
        (served != NULL && served->made && host_link_is(link)))
        host_path_review(path);
}

const char *host_path_trouble(const HostPath *path, guint32 parent, gboolean of_guests)
{
    const Served *served =
        path == NULL ? NULL : g_hash_table_lookup(path->served, GUINT_TO_POINTER(parent));

    if (served == NULL || served->trouble != NULL || !of_guests)
        return served == NULL ? NULL : served->trouble;
    return served->guest_trouble;
}

/* What is on a parent that no network wants any more is undone with the first review. */
static void find_doors(HostPath *path)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) links = link_list(path->host, &error);

    if (links == NULL)
        log_warning("%s", error->message);
    for (guint i = 0; links != NULL && i < links->len; i++) {
        const Link *link = g_ptr_array_index(links, i);

        if (host_link_is(link))
            serve(path, link->parent);
    }
}

HostPath *host_path_new(Service *service)
{
    HostPath *path = g_new0(HostPath, 1);

    path->service = service;
    path->host = service->kernel.host;
    path->served = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, served_free);
    find_doors(path);
    host_path_review(path);
    return path;
}

void host_path_free(HostPath *path)
{
    stop_waiting(&path->review_source);
    stop_waiting(&path->retry_source);
    g_hash_table_unref(path->served);
    g_free(path);
}
