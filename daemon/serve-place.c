/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * A request for an ipvlan or macvlan, which the policy allows: only root's, and no descriptor goes
 * with the answer. What cannot be counted, since the kernel does not list the children of a parent
 * that live in other namespaces, has no limits: devices= is not asked.
 */
#include "daemon/serve-private.h"

#include "daemon/guest-mac.h"
#include "daemon/log.h"
#include "daemon/parent.h"
#include "daemon/placed-link.h"
#include "daemon/refusal.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define TAKEN_MAX 8 /* addresses; as many as fit into REPLY_TAKEN_SIZE */

static gboolean check_asker(const Credentials *credentials, DeviceType type, GError **error)
{
    if (credentials->uid == 0)
        return TRUE;
    refuse(error, REPLY_DENIED,
           "only root may have %s devices: whoever sets their addresses could take those of the "
           "host; other types come by descriptor",
           device_type_text(type));
    return FALSE;
}

/* The interface has the device's name, so that whoever looks around in there finds it. */
static gboolean check_request(const Request *request, DeviceType type, GError **error)
{
    if (request->type == 0) {
        refuse(error, REPLY_UNSUPPORTED,
               "the network's first type is %s, which has no descriptors; name another type, or "
               "this one if it is what you want",
               device_type_text(type));
        return FALSE;
    }
    if (request->queues != 1 || request->queues_least != 0) {
        refuse(error, REPLY_MALFORMED, "%s devices have no queues", device_type_text(type));
        return FALSE;
    }
    if (strlen(request->name) >= DEVICE_IFNAME_SIZE) {
        refuse(error, REPLY_MALFORMED,
               "the name of this device is that of its interface, at most %d characters, and %s "
               "has %zu",
               DEVICE_IFNAME_SIZE - 1, request->name, strlen(request->name));
        return FALSE;
    }
    return serve_check_name(request->name, error);
}

/* A macvlan's MAC is the same for owner, network and name, so that a service keeps its lease. */
static void choose_mac(const Service *service, const Credentials *credentials, const Reply *reply,
                       guint8 hwaddr[static HWADDR_SIZE])
{
    Alias alias = {.owner = credentials->uid};

    g_strlcpy(alias.network, reply->network, sizeof(alias.network));
    g_strlcpy(alias.name, reply->name, sizeof(alias.name));
    guest_mac_suggest(service->machine, &alias, hwaddr);
}

/* Whoever sets one of these on a sub-interface takes it from the host: the kernel does not mind. */
static void list_taken(const Service *service, guint32 parent, char taken[static REPLY_TAKEN_SIZE])
{
    g_autoptr(GArray) addresses = facts_addresses(service->facts, parent, TAKEN_MAX);
    gsize used = 0;

    for (guint i = 0; i < addresses->len; i++) {
        char text[IP_TEXT_SIZE];

        ip_format(&g_array_index(addresses, IpAddress, i), text);
        used += (gsize)g_snprintf(taken + used, REPLY_TAKEN_SIZE - used, "%s%s", i > 0 ? "," : "",
                                  text);
    }
}

static gboolean make(Service *service, const Credentials *credentials, const PolicyNetwork *network,
                     DeviceType type, int netns, Reply *reply, GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(Link) parent = parent_find(service->kernel.host, network, error);

    if (parent == NULL)
        return FALSE;
    const gboolean own_mac = type == DEVICE_MACVLAN;
    if (own_mac)
        choose_mac(service, credentials, reply, reply->hwaddr);
    else
        memcpy(reply->hwaddr, parent->hwaddr, HWADDR_SIZE);
    reply->mtu = parent->mtu;
    list_taken(service, parent->ifindex, reply->taken);

    const PlacedLinkSpec spec = {
        .type = type,
        .mode = network->mode == POLICY_MODE_PRIVATE ? LINK_MODE_PRIVATE : LINK_MODE_BRIDGE,
        .parent = parent->ifindex,
        .netns = netns,
        .name = reply->ifname,
        .hwaddr = own_mac ? reply->hwaddr : NULL,
    };
    if (placed_link_make(service->kernel.host, &spec, &reply->ifindex, &failure))
        return TRUE;
    if (g_error_matches(failure, RTNL_ERROR, EEXIST))
        refuse(error, REPLY_BUSY,
               "this network namespace already has an interface %s; use another "
               "name",
               reply->ifname);
    else
        parent_explain(service->kernel.host, network, parent, type, failure, error);
    return FALSE;
}

gboolean serve_place(Service *service, const Credentials *credentials, const PolicyNetwork *network,
                     DeviceType type, const Request *request, Answer *answer, GError **error)
{
    Reply reply = {.code = REPLY_OK};

    if (!check_asker(credentials, type, error) || !check_request(request, type, error))
        return FALSE;
    g_strlcpy(reply.ifname, request->name, sizeof(reply.ifname));
    if (reply.ifname[0] == '\0' && !placed_link_name(reply.ifname, error))
        return FALSE;
    g_strlcpy(reply.name, reply.ifname, sizeof(reply.name));
    g_strlcpy(reply.network, network->name, sizeof(reply.network));

    int netns = placed_link_netns(&service->kernel.rooms, credentials->socket, type, error);
    if (netns < 0)
        return FALSE;
    gboolean made = make(service, credentials, network, type, netns, &reply, error);
    close(netns);
    if (!made)
        return FALSE;
    serve_write_reply(&reply, answer->text);

    const LogAbout about = {credentials->uid, network->name, reply.name, reply.ifname};
    log_entry(G_LOG_LEVEL_MESSAGE, &about, "%s %s for root (process %d) on %s, in its namespace",
              device_type_text(type), reply.ifname, credentials->pid, network->name);
    return TRUE;
}
