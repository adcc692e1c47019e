/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Keeps the three in step that together are "the devices": the kernel's links and nodes, the
 * registry, and the reaper's watches. Whoever makes or ends a device does it here.
 */
#pragma once

#include "daemon/registry.h"

typedef struct Keeper Keeper;

typedef struct {
    void (*made)(const Device *device, gpointer data);
    /* Its link has gone, with its addresses; the device itself goes then or later. */
    void (*gone)(const Device *device, const char *why, gpointer data);
} KeeperCallbacks;

/* Reads back what an earlier daemon left: devices that somebody holds go on, the rest is deleted.
 * Those that go on are not announced. Starts a thread (reclaim.h), so privileges are dropped
 * before. The kernel is the caller's and outlives the keeper. */
Keeper *keeper_new(Kernel *kernel, const KeeperCallbacks *callbacks, gpointer data, GError **error);
void keeper_free(Keeper *keeper);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Keeper, keeper_free)

/* Makes a device. `fds` gets its queues, which the caller hands over and closes: when the last copy
 * of all is closed, by whomever, the device is deleted. */
Device *keeper_make(Keeper *keeper, const DeviceSpec *spec, int *fds, GError **error);

/* Takes a device that was made in the host's netns. It stays until it is dropped: who holds it,
 * nobody is told. */
void keeper_add(Keeper *keeper, Device *device);

/* Takes a device from whoever holds it. From now on it is `ended` and its name is free;
 * its link is deleted in a moment. It goes on counting until he has closed it. */
void keeper_drop(Keeper *keeper, Device *device, const char *why);

#define KEEPER_PARENT_GONE "its parent has gone; the guest has no network any more"

/* The kernel says that a link has gone: its parent did, and took it along; or, in the host's netns,
 * somebody has deleted it. */
void keeper_lost(Keeper *keeper, guint32 ifindex);

const Registry *keeper_registry(const Keeper *keeper);
