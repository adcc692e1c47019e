/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The kernel's own uevents (NETLINK_KOBJECT_UEVENT, group 1), from which we learn the device
 * number of a tap. The event of a new link is queued before the RTM_NEWLINK is acknowledged, so
 * there is nothing to wait for. Source: lib/kobject_uevent.c, drivers/net/tap.c.
 *
 * Only `add@` events pass the socket's filter, and its buffer is large: the deletion of a group
 * would otherwise push out the event of the next device.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

typedef struct Uevents Uevents;

/* In the caller's netns. The buffer is enlarged with SO_RCVBUFFORCE where that is permitted. */
Uevents *uevents_new(GError **error);
void uevents_free(Uevents *uevents);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Uevents, uevents_free)

/* Reads what is queued, without waiting, until the event of tap `ifindex` and gives its device
 * number. Older events are dropped. An error when there is none, or when events were lost
 * (ENOBUFS): then the caller deletes the link and tries again. */
bool uevents_find_tap(Uevents *uevents, guint32 ifindex, dev_t *devicep, GError **error);

/* The pure part: reads one message. True when it is the addition of a tap. */
bool uevent_parse_tap(const char *message, size_t size, guint32 *ifindexp, dev_t *devicep);
