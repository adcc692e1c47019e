/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * What happens to devices and addresses: each event is a line for those who watch and, where an
 * administrator would want it, an entry in the log. The same lines are what `list` prints.
 * docs/PROTOCOL.md is their reference.
 */
#pragma once

#include "daemon/service.h"

/* Appends what there is of one device: itself, its addresses, its refusals. */
void events_append_device(const Service *service, const Device *device, GString *text);

void events_device_made(const Service *service, const Device *device);
void events_device_gone(const Service *service, const Device *device, const char *why);
/* Its owner, or root, gave it back or took it away. */
void events_released(const Service *service, const Device *device, uid_t by);
/* The policy allows it no more, or again. */
void events_permitted(const Service *service, const Device *device);
/* A guest asks for an address that is not bound to it. */
void events_claim(const Service *service, const Device *device, const IpAddress *ip,
                  BindingSource source);
void events_bound(const Service *service, const Device *device, const Bound *bound);
void events_unbound(const Service *service, const Device *device, const IpAddress *ip,
                    const char *reason);
/* The guest of `device` uses `mac`, which the guest of `elder` used before. */
void events_same_mac(const Service *service, const Device *device, const Device *elder,
                     const guint8 mac[static HWADDR_SIZE]);
/* Counts it too. */
void events_refused(const Service *service, Device *device, const IpAddress *ip,
                    ClaimReason reason);
