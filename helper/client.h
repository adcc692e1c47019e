/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * One request for a device, from the client's side: docs/PROTOCOL.md.
 */
#pragma once

#include "helper/connection.h"
#include "wire/reply.h"
#include "wire/request.h"

#include <stdbool.h>
#include <stddef.h>

#define CLIENT_ERROR_SIZE CONNECTION_ERROR_SIZE

/* From connect() to the end of the reply. The daemon may have many to serve before us, but whoever
 * started us waits, and QEMU even waits without a limit of its own. */
#ifndef CLIENT_TIMEOUT_MS
#define CLIENT_TIMEOUT_MS 30000
#endif

/* A device that was handed over. The caller owns the descriptors, one a queue, close-on-exec. */
typedef struct {
    Reply reply;
    int fds[DEVICE_QUEUES_MAX];
    size_t n_fds;
} ClientDevice;

/* Asks the daemon at `path` for a device and waits for it. On false no descriptor is left open and
 * `error` is one line for the user: what happened, where, what to do. */
bool client_request_device(ClientDevice *device, const char *path, const Request *request,
                           char error[static CLIENT_ERROR_SIZE]);

/* The same over sockets that are connected to the daemon already, and stay the caller's. */
bool client_request_device_over(ClientDevice *device, int input, int output, const Request *request,
                                char error[static CLIENT_ERROR_SIZE]);
