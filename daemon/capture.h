/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The packet sockets that the learner reads. They are made as root, with protocol 0, so that they
 * receive nothing until they are bound; binding needs no capability, so an interface that appears
 * later gets one of the spares.
 */
#pragma once

#include "learner/filter.h"

/* In the caller's netns. The filter is locked before anybody gets the socket, so that nothing else
 * ever comes through it. -1 on failure. Needs CAP_NET_RAW. */
int capture_open(Filter *filter, GError **error);

/* With ifindex 0: to all interfaces of the socket's netns. */
gboolean capture_listen(int fd, guint32 ifindex, GError **error);

/* Nothing comes through it any more, until it listens again. Its netns has a loopback. */
void capture_deafen(int fd);
