/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "daemon/permits.h"

#include <string.h>

#define GROUPS_MAX 1024 /* of one request that are kept; one with more counts as not known */

typedef struct {
    gboolean permitted;
    gboolean known; /* who asked */
    uid_t uid;
    gid_t gid;
    gid_t *groups; /* owned */
    gsize n_groups;
} Permit;

struct Permits {
    GHashTable *table; /* ifindex -> Permit, owned */
};

static void permit_free(gpointer data)
{
    Permit *permit = data;

    g_free(permit->groups);
    g_free(permit);
}

Permits *permits_new(void)
{
    Permits *permits = g_new0(Permits, 1);

    permits->table = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, permit_free);
    return permits;
}

void permits_free(Permits *permits)
{
    g_hash_table_unref(permits->table);
    g_free(permits);
}

static Permit *find(const Permits *permits, guint32 ifindex)
{
    return g_hash_table_lookup(permits->table, GUINT_TO_POINTER(ifindex));
}

static Permit *add(Permits *permits, guint32 ifindex)
{
    Permit *permit = g_new0(Permit, 1);

    permit->permitted = TRUE;
    g_hash_table_insert(permits->table, GUINT_TO_POINTER(ifindex), permit);
    return permit;
}

void permits_keep(Permits *permits, guint32 ifindex, const Credentials *credentials)
{
    Permit *permit = add(permits, ifindex);

    permit->known = credentials->n_groups <= GROUPS_MAX;
    if (!permit->known)
        return;
    permit->uid = credentials->uid;
    permit->gid = credentials->gid;
    permit->groups = g_memdup2(credentials->groups, credentials->n_groups * sizeof(gid_t));
    permit->n_groups = credentials->n_groups;
}

void permits_forget(Permits *permits, guint32 ifindex)
{
    g_hash_table_remove(permits->table, GUINT_TO_POINTER(ifindex));
}

gboolean permits_has(const Permits *permits, guint32 ifindex)
{
    const Permit *permit = find(permits, ifindex);

    return permit == NULL || permit->permitted;
}

static gboolean allows(const Permit *permit, const Policy *policy, const Device *device,
                       const PolicyNetwork *network)
{
    if (!permit->known)
        return policy_could_allow(policy, device->alias.owner, network, device->type);

    const PolicySubject subject = {permit->uid, permit->gid, permit->groups, permit->n_groups};
    PolicyDecision decision;
    policy_decide(policy, &subject, network, device->type, &decision);
    return decision.allowed;
}

gboolean permits_judge(Permits *permits, const Policy *policy, const Device *device,
                       const char *parent)
{
    const PolicyNetwork *network = policy_network_by_name(policy, device->alias.network);
    Permit *permit = find(permits, device->ifindex);

    if (permit == NULL)
        permit = add(permits, device->ifindex);
    gboolean before = permit->permitted;
    permit->permitted = network != NULL &&
                        (parent == NULL || g_str_equal(network->parent, parent)) &&
                        (device->alias.place == PLACE_HOST || /* root asks no rule */
                         allows(permit, policy, device, network));
    return permit->permitted != before;
}
