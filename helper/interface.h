/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Interfaces of the network namespace that we are in: netdevice(7). On false errno tells why.
 */
#pragma once

#include <net/if.h>
#include <stdbool.h>

/* An ioctl about one; its name is in the request. */
bool interface_ioctl(unsigned long number, struct ifreq *request);

/* Switches one on. */
bool interface_up(const char *ifname);
