/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The way between the host and the guests on one of its parents (host=on). ipvlan gives a parent's
 * own stack none: what the host sends through the parent goes to the LAN, where nobody has it, and
 * what a guest broadcasts goes to its siblings and the LAN. So there is one more sibling, which
 * lives in the host's netns, has no address and never speaks for itself. Rules (netlink/steer.h)
 * make it a door:
 *
 *     host's stack ── parent ──[egress: to the parent's own MAC]──> door ──> ipvlan ──> guest
 *     host's stack <── parent <──[ingress: ARP, solicitation]── door <── ipvlan <── guest
 *
 *  - A frame of the host's own that leaves the parent for the parent's own MAC can only be for a
 *    guest, and goes through the door. Nothing else is touched; least of all a frame with that
 *    destination from a guest whose source is another MAC, which would come back here for ever.
 *  - An ARP request or a neighbor solicitation of a guest is received by the parent, addressed to
 * it alone: as the group frame that it was, ipvlan would hand it out to all siblings again, the
 *    door among them, for ever. (A sibling that is asked for hears the question twice.)
 *  - All else that comes to the door is dropped: the host has had it through the parent, or it is
 *    not for the host. A router advertisement above all, of which the kernel would make addresses.
 *
 * A guest's unicast frames for the host arrive on the parent by themselves. So the host's stack
 * sees its guests as any other machine on that interface, in both directions: routes, source
 * addresses, reverse path filters and the firewall need nothing, and IPv6 is like IPv4.
 *
 * All of it is in the kernel, goes on while no daemon lives, and goes away with the parent.
 */
#pragma once

#include "netlink/link.h"

/* Whether a link of the host's netns is such a door; its `parent` tells whose. */
gboolean host_link_is(const Link *link);

/* The door's name, for a parent. */
void host_link_name(guint32 parent, char name[static IFNAMSIZ]);

/* Makes it, or what is missing of it, for this MAC of the parent's. `parent` is the ifindex. After
 * a failure a part of it may be there. */
gboolean host_link_make(Rtnl *host, guint32 parent, const guint8 hwaddr[static HWADDR_SIZE],
                        GError **error);

/* Takes away what there is of it. Others' rules on the parent stay. */
void host_link_remove(Rtnl *host, guint32 parent);
