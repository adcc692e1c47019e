/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Deleting many links at once: one datagram that puts each into a group and then deletes the group.
 * The kernel waits for RCU once for the group, and it is asked once. Each request in the datagram
 * takes the lock of all rtnetlink anew, so that others get in between; only the deletion is one
 * piece.
 */
#include "netlink/link.h"

#include <errno.h>
#include <linux/rtnetlink.h>

/* Header, fixed structure and one attribute of 32 bits, each a multiple of 4 bytes. */
typedef struct {
    struct nlmsghdr header;
    struct ifinfomsg info;
    struct nlattr attribute;
    guint32 group;
} GroupRequest;

static GroupRequest group_request(guint16 type, guint32 ifindex, guint32 group)
{
    return (GroupRequest){
        .header = {.nlmsg_len = sizeof(GroupRequest), .nlmsg_type = type},
        .info = {.ifi_family = AF_UNSPEC, .ifi_index = (int)ifindex},
        .attribute = {.nla_len = sizeof(struct nlattr) + sizeof(guint32), .nla_type = IFLA_GROUP},
        .group = group,
    };
}

/* Whether that request, or the one it followed, left nothing of what it was about. */
static bool collect(Rtnl *rtnl, guint32 seq, bool *gonep)
{
    g_autoptr(GError) failure = NULL;

    if (rtnl_collect(rtnl, seq, "group", &failure))
        return true;
    *gonep = g_error_matches(failure, RTNL_ERROR, ENODEV);
    return false;
}

/* Marks in `grouped` what the kernel has deleted, or did not have. */
static void delete_together(Rtnl *rtnl, const guint32 *ifindexes, guint n, guint32 group,
                            bool gone[static LINK_BATCH_MAX])
{
    GroupRequest requests[LINK_BATCH_MAX + 1];
    bool grouped[LINK_BATCH_MAX] = {false}, empty = false;
    guint32 seq;

    for (guint i = 0; i < n; i++)
        requests[i] = group_request(RTM_SETLINK, ifindexes[i], group);
    requests[n] = group_request(RTM_DELLINK, 0, group);
    if (!rtnl_send_batch(rtnl, requests, (n + 1) * sizeof(GroupRequest), &seq, NULL))
        return;
    for (guint i = 0; i < n; i++)
        grouped[i] = collect(rtnl, seq + i, &gone[i]);
    if (collect(rtnl, seq + n, &empty) || empty)
        for (guint i = 0; i < n; i++)
            gone[i] |= grouped[i];
}

guint link_delete_batch(Rtnl *rtnl, guint32 *ifindexes, guint n, guint32 group, GError **error)
{
    bool gone[LINK_BATCH_MAX] = {false};
    guint left = 0;

    g_assert(n > 0 && n <= LINK_BATCH_MAX && group != 0);
    if (n > 1)
        delete_together(rtnl, ifindexes, n, group, gone);
    for (guint i = 0; i < n; i++) {
        g_autoptr(GError) failure = NULL;

        if (gone[i] || link_delete(rtnl, ifindexes[i], &failure) ||
            g_error_matches(failure, RTNL_ERROR, ENODEV))
            continue;
        if (left == 0)
            g_propagate_error(error, g_steal_pointer(&failure));
        ifindexes[left++] = ifindexes[i];
    }
    return left;
}
