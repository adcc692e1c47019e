/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Where a device lives: in the tap room, where nothing else does, or in the host's netns, for a
 * program of root's that looks for it there by its name (libvirtd). The numbers of the two are of
 * ranges apart, so a number alone says where its device is, and is a key for both.
 */
#pragma once

#include <glib.h>

typedef enum {
    PLACE_TAP_ROOM,
    PLACE_HOST,
    PLACES,
} Place;

#define PLACE_HOST_TEXT "host" /* in aliases and replies; the tap room goes without saying */

/* Above what the kernel gives out by itself, and in the tap room what we do. Those of the host are
 * drawn at random: see host-device.h. */
#define PLACE_TAP_ROOM_FIRST 1000000u
#define PLACE_HOST_FIRST 1000000000u
#define PLACE_HOST_LAST G_MAXINT32

/* A number of the host's range that nobody can foretell. FALSE when the kernel has none yet. */
gboolean place_random_ifindex(guint32 *ifindexp, GError **error);

static inline Place place_of(guint32 ifindex)
{
    return ifindex >= PLACE_HOST_FIRST ? PLACE_HOST : PLACE_TAP_ROOM;
}
