/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Every variable is there twice for the first device: as ONTAP_HWADDR, for the many commands that
 * have one device, and as ONTAP1_HWADDR, for a loop over all.
 */
#include "helper/environment.h"
#include "helper/options.h"
#include "helper/program.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAME_SIZE 64 /* bytes, more than ONTAP8_NETWORK and its like have */

/* ONTAP[NUMBER]_KEY of a key that we set. (An entry without `=`, which execve(2) permits, is no
 * variable, and unsetenv(3) would leave it.) */
static bool is_ours(const char *entry)
{
    static const char *const keys[] = {"FDS",     "HWADDR", "IFNAME",  "IFINDEX",   "MTU",
                                       "NETWORK", "NAME",   "DEVICES", "CLIENT_ID", "TAKEN"};
    const size_t prefix_size = strlen("ONTAP");
    size_t size;

    if (strncmp(entry, "ONTAP", prefix_size) != 0 || !strchr(entry, '='))
        return false;
    for (entry += prefix_size; isdigit((unsigned char)*entry); entry++)
        ;
    if (*entry++ != '_')
        return false;
    if (entry[0] == 'F' && entry[1] == 'D' && isdigit((unsigned char)entry[2]))
        return true;
    size = strcspn(entry, "=");
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (size == strlen(keys[i]) && memcmp(entry, keys[i], size) == 0)
            return true;
    return false;
}

/* An outer ontap's descriptors may be closed by now, or be something else. */
static void forget_outer(void)
{
    char **entry = environ;

    while (entry && *entry) {
        char name[NAME_SIZE];
        size_t size = strcspn(*entry, "=");

        if (is_ours(*entry) && size < sizeof(name)) {
            memcpy(name, *entry, size);
            name[size] = '\0';
            unsetenv(name);
            entry = environ; /* which has moved */
        } else {
            entry++;
        }
    }
}

static bool set(const char *prefix, const char *key, const char *value)
{
    char name[NAME_SIZE];

    snprintf(name, sizeof(name), "%s_%s", prefix, key);
    return setenv(name, value, 1) == 0;
}

static bool set_number(const char *prefix, const char *key, unsigned long value)
{
    char text[24];

    snprintf(text, sizeof(text), "%lu", value);
    return set(prefix, key, text);
}

static bool set_descriptors(const char *prefix, const ClientDevice *device)
{
    char list[DEVICE_QUEUES_MAX * sizeof(":2147483647")];
    size_t used = 0;

    for (size_t i = 0; i < device->n_fds; i++) {
        char key[NAME_SIZE / 2];

        snprintf(key, sizeof(key), "FD%zu", i);
        if (!set_number(prefix, key, (unsigned long)device->fds[i]))
            return false;
        used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%d", i > 0 ? ":" : "",
                                 device->fds[i]);
    }
    return used == 0 || set(prefix, "FDS", list);
}

static bool set_device(const char *prefix, const ClientDevice *device)
{
    const Reply *reply = &device->reply;
    char hwaddr[HWADDR_TEXT_SIZE];

    hwaddr_format(reply->hwaddr, hwaddr);
    return set_descriptors(prefix, device) && set(prefix, "HWADDR", hwaddr) &&
           set(prefix, "IFNAME", reply->ifname) && set_number(prefix, "IFINDEX", reply->ifindex) &&
           set_number(prefix, "MTU", reply->mtu) && set(prefix, "NETWORK", reply->network) &&
           set(prefix, "NAME", reply->name);
}

bool environment_set(const ClientDevice *devices, size_t n)
{
    bool ok;

    forget_outer();
    ok = set_device("ONTAP", &devices[0]) && set_number("ONTAP", "DEVICES", n);
    for (size_t i = 0; ok && i < n; i++) {
        char prefix[NAME_SIZE / 2];

        snprintf(prefix, sizeof(prefix), "ONTAP%zu", i + 1);
        ok = set_device(prefix, &devices[i]);
    }
    if (!ok)
        program_error(ONTAP_PROGRAM, "cannot set the environment: %s", strerror(errno));
    return ok;
}
