/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * connect, send one line, read one line and the descriptors until the end of file.
 *
 * Everything is bounded: the time by one deadline for all of it, the bytes by the protocol, the
 * descriptors by what one device may have. The reply is believed only as a whole: a line that is
 * cut, followed by more, or that promises another number of descriptors than came is an error, and
 * then all descriptors are closed, since a caller that gets some fd takes it for its network.
 *
 * The daemon may answer and close before it has read our request ("busy"). So a failure to send
 * does not end the conversation while there may be a reply to read.
 */
#include "helper/client.h"
#include "helper/connection.h"
#include "wire/fds.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Reads to the end of file. One byte more than a reply may have is enough to see that it has. */
static bool receive_all(Connection *connection, ClientDevice *device,
                        char line[static REPLY_SIZE_MAX + 1], size_t *sizep)
{
    *sizep = 0;
    while (*sizep <= REPLY_SIZE_MAX) {
        ssize_t received;

        if (!connection_wait(connection))
            return false;
        received = fds_receive(connection->socket, line + *sizep, REPLY_SIZE_MAX + 1 - *sizep,
                               device->fds, &device->n_fds, DEVICE_QUEUES_MAX);
        /* A peer that closes with our request unread gives us its reply first, then a reset. */
        if (received == 0 || received == -ECONNRESET)
            return true;
        if (received == -EMSGSIZE)
            return connection_fail(connection,
                                   "ontapd at %s sent more descriptors than this process may take "
                                   "(at most %d; see also ulimit -n)",
                                   connection->path, DEVICE_QUEUES_MAX);
        if (received < 0)
            return connection_fail(connection, "cannot read from ontapd at %s: %s",
                                   connection->path, strerror((int)-received));
        *sizep += (size_t)received;
    }
    return true;
}

static bool check_reply(Connection *connection, ClientDevice *device, const Request *request,
                        const char *line, size_t size)
{
    const Reply *reply = &device->reply;
    const bool placed = request->type & (DEVICE_IPVLAN | DEVICE_MACVLAN);
    unsigned most = placed ? 0 : request->queues;
    unsigned least = request->queues_least && !placed ? request->queues_least : most;

    if (size == 0)
        return connection_fail(
            connection,
            "ontapd at %s closed the connection without an answer (journalctl -u "
            "ontapd may say why)",
            connection->path);
    if (memchr(line, '\n', size) != line + size - 1 || !reply_parse(&device->reply, line, size - 1))
        return connection_fail(connection, "what answered at %s does not speak ontapd's protocol",
                               connection->path);
    if (reply->code != REPLY_OK)
        return connection_fail(connection, "%s%s%s", reply_code_text(reply->code),
                               *reply->text ? ": " : "", reply->text);
    if (reply->queues > most || reply->queues < least || device->n_fds != reply->queues)
        return connection_fail(connection,
                               "ontapd at %s was asked for %u queues, promised %u and sent %zu",
                               connection->path, most, reply->queues, device->n_fds);
    return true;
}

/* Of what came, everything or nothing is kept. */
static bool converse(Connection *connection, ClientDevice *device, const Request *request)
{
    char request_line[REQUEST_SIZE_MAX + 1];
    char reply_line[REPLY_SIZE_MAX + 1];
    size_t request_size = request_format(request, request_line, sizeof(request_line));
    size_t reply_size;

    device->n_fds = 0;
    if (request_size == 0)
        return connection_fail(connection, "this request cannot be written");
    if (connection_send(connection, request_line, request_size) &&
        receive_all(connection, device, reply_line, &reply_size) &&
        check_reply(connection, device, request, reply_line, reply_size))
        return true;
    for (size_t i = 0; i < device->n_fds; i++)
        close(device->fds[i]);
    device->n_fds = 0;
    return false;
}

bool client_request_device(ClientDevice *device, const char *path, const Request *request,
                           char error[static CLIENT_ERROR_SIZE])
{
    Connection connection;
    bool ok;

    device->n_fds = 0;
    ok = connection_open(&connection, path, CLIENT_TIMEOUT_MS, error) &&
         converse(&connection, device, request);
    connection_close(&connection);
    return ok;
}

bool client_request_device_over(ClientDevice *device, int input, int output, const Request *request,
                                char error[static CLIENT_ERROR_SIZE])
{
    char path[64];
    Connection connection;

    snprintf(path, sizeof(path), "descriptors %d and %d", input, output);
    connection_adopt(&connection, path, input, output, CLIENT_TIMEOUT_MS, error);
    return converse(&connection, device, request);
}
