/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Reading the neighbour table.
 */
#include "netlink/neighbour.h"

#include "netlink/ip-attribute.h"

#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>

/* In these states the kernel has been told a link-layer address and sends to it. */
#define STATES_KNOWN (NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE | NUD_PERMANENT | NUD_NOARP)

static int neighbour_attribute(const struct nlattr *attribute, void *data)
{
    Neighbour *neighbour = data;

    switch (mnl_attr_get_type(attribute)) {
    case NDA_DST: {
        guint8 family = neighbour->ip.family;
        return ip_read(attribute, family, &neighbour->ip);
    }
    case NDA_LLADDR:
        if (mnl_attr_get_payload_len(attribute) != HWADDR_SIZE)
            return MNL_CB_OK;
        memcpy(neighbour->hwaddr, mnl_attr_get_payload(attribute), HWADDR_SIZE);
        neighbour->known = (neighbour->state & STATES_KNOWN) != 0;
        return MNL_CB_OK;
    case NDA_PROTOCOL:
        if (mnl_attr_validate(attribute, MNL_TYPE_U8) < 0)
            return MNL_CB_ERROR;
        neighbour->protocol = mnl_attr_get_u8(attribute);
        return MNL_CB_OK;
    default:
        return MNL_CB_OK;
    }
}

bool neighbour_parse(const struct nlmsghdr *message, Neighbour *neighbourp)
{
    const struct ndmsg *header = mnl_nlmsg_get_payload(message);
    Neighbour neighbour;

    errno = EBADMSG;
    if ((message->nlmsg_type != RTM_NEWNEIGH && message->nlmsg_type != RTM_DELNEIGH) ||
        mnl_nlmsg_get_payload_len(message) < sizeof *header || header->ndm_ifindex < 0)
        return false;
    if (ip_size(header->ndm_family) == 0 || (header->ndm_flags & NTF_PROXY)) {
        errno = ENOMSG;
        return false;
    }
    neighbour = (Neighbour){.ip.family = header->ndm_family,
                            .ifindex = (guint32)header->ndm_ifindex,
                            .state = header->ndm_state,
                            .flags = header->ndm_flags};
    if (mnl_attr_parse(message, sizeof *header, neighbour_attribute, &neighbour) < 0)
        return false;
    *neighbourp = neighbour;
    return true;
}

typedef struct {
    GArray *neighbours;
    guint32 ifindex;
} Listing;

static int take_each(const struct nlmsghdr *message, void *data)
{
    Listing *listing = data;
    Neighbour neighbour;

    if (!neighbour_parse(message, &neighbour))
        return errno == ENOMSG ? MNL_CB_OK : MNL_CB_ERROR;
    if (neighbour.ifindex == listing->ifindex)
        g_array_append_val(listing->neighbours, neighbour);
    return MNL_CB_OK;
}

static void forget_all(void *data)
{
    g_array_set_size(((Listing *)data)->neighbours, 0);
}

GArray *neighbour_list(Rtnl *rtnl, guint32 ifindex, GError **error)
{
    g_autoptr(GArray) neighbours = g_array_new(FALSE, FALSE, sizeof(Neighbour));
    Listing listing = {neighbours, ifindex};
    RtnlMessage message;

    rtnl_message_init(&message, RTM_GETNEIGH, 0, sizeof(struct ndmsg));
    mnl_attr_put_u32(&message.header, NDA_IFINDEX, ifindex);
    if (!rtnl_dump(rtnl, &message.header, take_each, forget_all, &listing, "cannot list neighbours",
                   error))
        return NULL;
    return g_steal_pointer(&neighbours);
}
