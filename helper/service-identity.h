/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * What a service is known by on the LAN: the same each time for one machine, network and name,
 * unlike any other, and not to be guessed from anything that is sent.
 */
#pragma once

#include "helper/siphash.h"

/* Bytes of a client identifier as text: type 255, an IAID and a DUID of the kind UUID (RFC 4361,
 * RFC 6355) in hexadecimal, the NUL counted. */
#define SERVICE_CLIENT_ID_SIZE (2 * (1 + 4 + 2 + SIPHASH_SIZE) + 1)

typedef struct {
    uint8_t secret[SIPHASH_SIZE]; /* from which the kernel makes IPv6 addresses (RFC 7217) */
    char client_id[SERVICE_CLIENT_ID_SIZE]; /* for DHCP, since the MAC is the parent's */
} ServiceIdentity;

/* Of this machine. One that has no id of its own, as some containers, has another identity each
 * time. */
void service_identity(ServiceIdentity *identity, const char *network, const char *name);

/* The same for a machine id. */
void service_identity_of(ServiceIdentity *identity, const uint8_t machine[static SIPHASH_SIZE],
                         const char *network, const char *name);
