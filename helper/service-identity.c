/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The machine id is not to be shown to a network (machine-id(5)): it is the key of a hash, and what
 * is said is the result.
 */
#include "helper/service-identity.h"

#include "wire/device.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define MACHINE_ID "/etc/machine-id"

static void derive(const uint8_t machine[static SIPHASH_SIZE], const char *what,
                   const char *network, const char *name, uint8_t hash[static SIPHASH_SIZE])
{
    char text[64 + 2 * (DEVICE_NAME_MAX + 1)];
    /* A slash is in no name, so two devices never make one text. */
    int size = snprintf(text, sizeof(text), "ontap/%s/%s/%s", what, network, name);

    siphash_128(machine, text, (size_t)size, hash);
}

void service_identity_of(ServiceIdentity *identity, const uint8_t machine[static SIPHASH_SIZE],
                         const char *network, const char *name)
{
    uint8_t hash[SIPHASH_SIZE];
    int used;

    derive(machine, "secret", network, name, identity->secret);
    derive(machine, "client-id", network, name, hash);
    used = snprintf(identity->client_id, sizeof(identity->client_id), "ff%02x%02x%02x%02x0004",
                    hash[0], hash[1], hash[2], hash[3]);
    for (size_t i = 0; i < SIPHASH_SIZE; i++)
        used += snprintf(identity->client_id + used, sizeof(identity->client_id) - (size_t)used,
                         "%02x", hash[i]);
}

/* 32 digits. */
static bool read_machine(uint8_t machine[static SIPHASH_SIZE])
{
    int fd = open(MACHINE_ID, O_RDONLY | O_CLOEXEC);
    char text[2 * SIPHASH_SIZE + 1] = "";
    bool ok = fd >= 0 && read(fd, text, 2 * SIPHASH_SIZE) == 2 * SIPHASH_SIZE;

    for (size_t i = 0; ok && i < SIPHASH_SIZE; i++) {
        unsigned byte;

        ok = sscanf(text + 2 * i, "%2x", &byte) == 1;
        machine[i] = (uint8_t)byte;
    }
    if (fd >= 0)
        close(fd);
    return ok;
}

void service_identity(ServiceIdentity *identity, const char *network, const char *name)
{
    uint8_t machine[SIPHASH_SIZE] = {0};

    if (!read_machine(machine))
        (void)!getrandom(machine, sizeof(machine), 0);
    service_identity_of(identity, machine, network, name);
}
