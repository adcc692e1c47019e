/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Keeps the three in step that together are "the devices": the kernel's links and nodes, the
 * registry, and the reaper's watches. Whoever makes or ends a device does it here.
 */
#pragma once

#include "daemon/registry.h"

typedef struct Keeper Keeper;

/* Reads back what an earlier daemon left: devices that somebody holds go on, the rest is deleted.
 * The kernel is the caller's and outlives the keeper. */
Keeper *keeper_new(Kernel *kernel, GError **error);
void keeper_free(Keeper *keeper);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Keeper, keeper_free)

/* Makes a device. `fds` gets its queues, which the caller hands over and closes: when the last copy
 * of all is closed, by whomever, the device is deleted. */
Device *keeper_make(Keeper *keeper, const DeviceSpec *spec, int *fds, GError **error);

/* Deletes a device under whoever holds it. The log says `why`. */
void keeper_drop(Keeper *keeper, Device *device, const char *why);

const Registry *keeper_registry(const Keeper *keeper);
