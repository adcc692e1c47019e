/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Whom the host reaches (host=on): keeps a door (host-link.h) on each parent of a network that says
 * so, and an entry in the host's neighbour table for each bound address (host-neighbours.h).
 *
 * Nothing is noted: after whatever may have changed something (a binding, a link, an address, the
 * policy, a start) the kernel is asked what there is, and the difference to what should be is made
 * up for. What is ours there is known by the door's name and by the entries' protocol, so a later
 * daemon finds it, and undoes it when the policy has changed meanwhile.
 */
#pragma once

#include "daemon/service.h"
#include "netlink/link.h"

typedef struct HostPath HostPath;

/* Finds what an earlier daemon has left. */
HostPath *host_path_new(Service *service);
void host_path_free(HostPath *path);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HostPath, host_path_free)

/* Something may be another than it was: looks soon. `path` may be NULL. */
void host_path_review(HostPath *path);
/* The same, if it is about a link that matters. */
void host_path_note_link(HostPath *path, const Link *link);

/* Why the host does not reach the guests on this parent: a sentence, valid until the main loop goes
 * on. With `of_guests` also why not one of them, which names its address. NULL when there is
 * nothing to say. `path` may be NULL. */
const char *host_path_trouble(const HostPath *path, guint32 parent, gboolean of_guests);
