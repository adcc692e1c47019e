/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Frames to be sent into a guest. They go out of the tap itself with the parent's MAC as source and
 * destination: ipvlan then looks for the address among its own and delivers to the guest, and
 * nothing of it reaches the LAN.
 */
#pragma once

#include "learner/address.h"
#include "wire/device.h"

#define INJECT_PROBE_MAX 86 /* a neighbour solicitation; an ARP request is shorter */

/* Writes the question whether a guest uses `address`, from nobody: an ARP probe (RFC 5227), or a
 * neighbour solicitation for duplicates (RFC 4862). Its answer to the first goes to the parent's
 * MAC, which is to say nowhere. Returns the size. */
size_t inject_probe(uint8_t frame[static INJECT_PROBE_MAX],
                    const uint8_t hwaddr[static HWADDR_SIZE], const IpAddress *address);

/* Writes the DHCPv4 reply `data`, which frame_parse() has read, as it is to be sent into a guest:
 * untagged, with the checksum made whole, for a server on this machine may have left that to
 * hardware. Returns the size, 0 when it is more than `max`. */
size_t inject_reply(uint8_t *frame, size_t max, const uint8_t hwaddr[static HWADDR_SIZE],
                    const uint8_t *data, size_t size);
