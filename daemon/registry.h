/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The devices there are, and how many each user and network holds. It is a cache of the kernel's
 * links: built from them at start, changed with them, never written anywhere. Every question is
 * answered in constant time, whatever the number of devices.
 */
#pragma once

#include "daemon/device.h"

typedef struct Registry Registry;

Registry *registry_new(void);
void registry_free(Registry *registry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Registry, registry_free)

/* Takes the device, of an ifindex that it does not have yet. The name of one that has ended is free
 * for another. */
void registry_add(Registry *registry, Device *device);
/* Its name is free for another; it goes on counting. */
void registry_free_name(Registry *registry, const Device *device);
/* Frees the device. */
void registry_remove(Registry *registry, Device *device);

Device *registry_find(const Registry *registry, guint32 ifindex);
/* Names are unique per owner and network. */
Device *registry_find_name(const Registry *registry, uid_t owner, const char *network,
                           const char *name);

guint registry_size(const Registry *registry);
guint registry_count_network(const Registry *registry, const char *network);
guint registry_count_owner(const Registry *registry, uid_t owner, const char *network);

/* The devices by rising ifindex, of Device * that the registry goes on owning. */
GPtrArray *registry_list(const Registry *registry);
