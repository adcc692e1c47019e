/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * What the kernel remembers of a device for us: its link's alias, a line of key=value words that
 * starts with `v=1`. A restarted daemon reads owner, name, network and limits back from it, so
 * there is no state file. The kernel takes at most 255 bytes (IFALIASZ - 1, linux/if.h).
 */
#pragma once

#include "daemon/place.h"
#include "wire/device.h"

#include <glib.h>
#include <sys/types.h>

#define ALIAS_SIZE 256 /* the NUL counted */

typedef struct {
    uid_t owner; /* whose quota it counts in */
    char network[DEVICE_NAME_MAX + 1];
    char name[DEVICE_NAME_MAX + 1];
    guint queues;
    guint addresses;    /* how many may be learned */
    gboolean translate; /* the guest has a MAC of its own */
    gboolean guard;     /* what it may send is guarded */
    Place place;
    guint64 made; /* in the host's netns: minutes since the machine started, see leftovers.h */
} Alias;

/* Everything that an Alias can hold fits. */
void alias_format(const Alias *alias, char text[static ALIAS_SIZE]);

/* FALSE when it is not one of ours, or of a version that we do not know. */
gboolean alias_parse(Alias *alias, const char *text);
