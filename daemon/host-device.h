/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * How a device is made that lives in the host's netns, under a name that the administrator chose,
 * for a program of root's (libvirtd) that finds it there and opens /dev/tapN itself.
 *
 * Nobody hands over such a device, and nobody is told when its last holder closes it: its node is
 * the kernel's own, it has no lock of ours, and a watch on it would need root. So it stays until it
 * is released, and a start of root's deletes those that were left over (leftovers.h).
 */
#pragma once

#include "daemon/device.h"
#include "daemon/translator.h"

/* Makes the device spec->alias.name, which no link in the host's netns is called. The translator is
 * not NULL. Nothing is left behind on failure; errors as of device_make(). */
Device *host_device_make(const Kernel *kernel, Translator *translator, const DeviceSpec *spec,
                         GError **error);
