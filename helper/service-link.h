/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Setting up the device of a service, from inside its network namespace.
 */
#pragma once

#include "helper/service-identity.h"
#include "wire/ip.h"
#include "wire/reply.h"

#include <stdbool.h>
#include <stddef.h>

#define SERVICE_ADDRESSES_MAX 8

typedef struct {
    IpAddress ip;
    unsigned length; /* of the prefix, bits */
} ServiceAddress;

/* At most one address of IPv4, and one gateway of each family. */
typedef struct {
    ServiceAddress addresses[SERVICE_ADDRESSES_MAX];
    size_t n_addresses;
    IpAddress gateways[2];
    size_t n_gateways;
} ServiceAddresses;

/* ADDRESS/LENGTH, and ADDRESS. False, with an error written, when it is none, or one too many. */
bool service_take_address(ServiceAddresses *addresses, const char *program, const char *text);
bool service_take_gateway(ServiceAddresses *addresses, const char *program, const char *text);

/* In the namespace of the host, before there is a device: whether all of them are free of use by
 * the host itself. The kernel would let it be robbed. False, with an error written, when not. */
bool service_addresses_check(const char *program, const ServiceAddresses *addresses);

/* The same of those that the daemon named, as `a,b`. */
bool service_addresses_check_taken(const char *program, const ServiceAddresses *addresses,
                                   const char *taken);

/* Brings the loopback and the device up, with these addresses and routes. False, with an error
 * written, on failure. */
bool service_link_configure(const char *program, const Reply *device,
                            const ServiceIdentity *identity, const ServiceAddresses *addresses);
