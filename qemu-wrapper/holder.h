/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Which guest a device was made for: one small file a device, in a folder that is empty after the
 * machine has started. libvirt runs `release` also for a guest whose `prepare` failed, and by
 * mistake (a clone) that may name the device which another one is running with.
 */
#pragma once

#include "wire/device.h"

#include <glib.h>

#define HOLDER_FOLDER "/run/ontap-libvirt"

/* Of a device that was made so recently that its guest need not have opened it yet, the daemon
 * cannot see that somebody uses it. Seconds. */
#define HOLDER_FRESH 60

/* Makes the folder, and waits until no other process is between this and its end. */
gboolean holder_lock(const char *folder, GError **error);

/* The guest that the device was made for, or NULL; `freshp` tells whether that was just now. */
char *holder_find(const char *folder, const char *dev, gboolean *freshp);

gboolean holder_note(const char *folder, const char *dev, const char *guest, GError **error);
void holder_forget(const char *folder, const char *dev);
