/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * What a client asks: one line of at most 1,024 bytes, the newline counted. docs/PROTOCOL.md is
 * the reference. A line without a leading word asks for a device.
 */
#pragma once

#include "wire/device.h"

#include <stddef.h>

#define REQUEST_SIZE_MAX 1024 /* bytes, the newline counted */
#define REQUEST_ERROR_SIZE 256
#define REQUEST_POLICY_MAX (1 << 20) /* bytes behind the line of `policy` */

typedef enum {
    REQUEST_DEVICE,  /* [type=] [network=] [name=] [queues=] [queues-least=]: make a device, hand
                        over its fds */
    REQUEST_LIST,    /* devices, one a line; others' only for root */
    REQUEST_WATCH,   /* the same, then a line an event until the client leaves */
    REQUEST_RELEASE, /* name= [network=] [owner=]: delete a device of one's own; root: of anybody */
    REQUEST_REVOKE,  /* root: [owner=] [network=] [name=]: delete those, or all not permitted */
    REQUEST_CREATE,  /* root: ifname= [network=] [queues=]: a device in the host's netns, no fds */
    REQUEST_POLICY,  /* root: size=: a new numeric policy of that many bytes follows */
    REQUEST_STATUS,  /* how the daemon is */
    REQUEST_PING,    /* answers the version */
} RequestKind;

typedef struct {
    RequestKind kind;
    DeviceType type;       /* 0: the network's first */
    unsigned queues;       /* 1 to DEVICE_QUEUES_MAX; 1 when the client names none */
    unsigned queues_least; /* at most `queues`: so few will do if more are denied; 0: no fewer */
    char network[DEVICE_NAME_MAX + 1]; /* "": the default network */
    char name[DEVICE_NAME_MAX + 1];    /* "": the daemon gives one */
    char ifname[DEVICE_IFNAME_SIZE];   /* of create, a name as the others */
    bool has_owner;
    uint32_t owner; /* uid, when has_owner */
    size_t size;    /* of the policy: 1 to REQUEST_POLICY_MAX */
} Request;

/* Reads one request of `size` bytes without its newline. On false `error` tells, in one line that
 * names the key and the column, what is wrong and what would be right. */
bool request_parse(Request *request, const char *text, size_t size,
                   char error[static REQUEST_ERROR_SIZE]);

/* Writes the request with its newline. Returns its size, or 0 when it does not fit or a field of
 * it is not valid. */
size_t request_format(const Request *request, char *buffer, size_t size);
