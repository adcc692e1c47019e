/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "daemon/claim.h"

#include "learner/address.h"

#include <string.h>

static gboolean in_any(const IpAddress *ip, const GArray *prefixes)
{
    for (guint i = 0; i < prefixes->len; i++) {
        const PolicyPrefix *prefix = &g_array_index(prefixes, PolicyPrefix, i);
        IpAddress network = {.family = (guint8)prefix->family};

        memcpy(network.bytes, prefix->address, ip_size(network.family));
        if (ip_in_prefix(ip, &network, prefix->length))
            return TRUE;
    }
    return FALSE;
}

/* Link-local addresses are on every network, and without one there is no IPv6: only= does not have
 * to name them. */
static gboolean is_link_local(const IpAddress *ip)
{
    return ip->family == AF_INET6 && ip->bytes[0] == 0xfe && (ip->bytes[1] & 0xc0) == 0x80;
}

static gboolean is_excepted(const PolicyNetwork *network, const IpAddress *ip)
{
    if (in_any(ip, network->except))
        return TRUE;
    return network->only->len > 0 && !is_link_local(ip) && !in_any(ip, network->only);
}

/* RFC 4291, appendix A. */
static gboolean is_eui64_of(const IpAddress *ip, const guint8 hwaddr[static HWADDR_SIZE])
{
    const guint8 id[8] = {hwaddr[0] ^ 2, hwaddr[1], hwaddr[2], 0xff,
                          0xfe,          hwaddr[3], hwaddr[4], hwaddr[5]};

    return ip->family == AF_INET6 && memcmp(ip->bytes + 8, id, sizeof(id)) == 0;
}

ClaimReason claim_judge_address(const PolicyNetwork *network, const Device *device,
                                const IpAddress *ip)
{
    if (!address_claimable(ip))
        return CLAIM_UNFIT;
    if (network != NULL && is_excepted(network, ip))
        return CLAIM_EXCEPT;
    if (!device->alias.translate && is_eui64_of(ip, device->hwaddr))
        return CLAIM_EUI64;
    return CLAIM_FINE;
}

ClaimReason claim_judge(const PolicyNetwork *network, const Facts *facts, const BoundTable *bound,
                        const Device *device, const IpAddress *ip)
{
    ClaimReason reason = claim_judge_address(network, device, ip);
    if (reason != CLAIM_FINE)
        return reason;
    if (facts_is_own(facts, ip))
        return CLAIM_HOST;
    if (facts_is_router(facts, ip))
        return CLAIM_ROUTER;

    const Bound *holder = bound_find(bound, device->parent, ip);
    if (holder != NULL)
        return holder->ifindex == device->ifindex ? CLAIM_FINE : CLAIM_SIBLING;
    /* Its guest keeps what it has for as long as it has the device. */
    if (network == NULL)
        return CLAIM_KERNEL;
    if (bound_count(bound, device->ifindex) >= device->alias.addresses)
        return CLAIM_LIMIT;
    return CLAIM_FINE;
}
