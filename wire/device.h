/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The words for devices that requests, replies, the policy and aliases share.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* A kernel sub-interface kind. The values are bits, so that a policy can hold a set of them. */
typedef enum {
    DEVICE_IPVTAP = 1 << 0,
    DEVICE_MACVTAP = 1 << 1,
    DEVICE_IPVLAN = 1 << 2,
    DEVICE_MACVLAN = 1 << 3,
} DeviceType;

#define DEVICE_TYPES_ALL (DEVICE_IPVTAP | DEVICE_MACVTAP | DEVICE_IPVLAN | DEVICE_MACVLAN)

/* The kernel's own word (IFLA_INFO_KIND), which is also the one of policy and requests. NULL for
 * what is not exactly one type. */
const char *device_type_text(DeviceType type);
bool device_type_parse(const char *text, DeviceType *typep);

#define DEVICE_NAME_MAX 63     /* bytes of a device's or network's name */
#define DEVICE_QUEUES_MAX 64   /* one descriptor a queue, and 253 fit one SCM_RIGHTS message */
#define DEVICE_IFNAME_SIZE 16  /* IFNAMSIZ, the NUL counted */
#define HWADDR_SIZE 6          /* bytes of an Ethernet address */
#define HWADDR_TEXT_SIZE 18    /* of its text, the NUL counted */

/* [A-Za-z0-9][A-Za-z0-9._-]{0,62}: the names of devices and networks. */
bool device_name_valid(const char *name);

/* `xx:xx:xx:xx:xx:xx`, written in lower case and read in either. */
void hwaddr_format(const uint8_t hwaddr[static HWADDR_SIZE], char text[static HWADDR_TEXT_SIZE]);
bool hwaddr_parse(const char *text, uint8_t hwaddr[static HWADDR_SIZE]);
