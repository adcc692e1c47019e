/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * One deadline bounds connecting, sending and waiting together: a daemon that hangs must not hang
 * whoever started us.
 */
#include "helper/connection.h"
#include "config.h"
#include "wire/fds.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

const char *connection_path(const char *option)
{
    const char *path = option ? option : secure_getenv("ONTAP_SOCKET");

    return path && *path ? path : ONTAP_SOCKET_PATH;
}

bool connection_fail(Connection *connection, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(connection->error, CONNECTION_ERROR_SIZE, format, arguments);
    va_end(arguments);
    return false;
}

static bool fail_timeout(Connection *connection)
{
    return connection_fail(
        connection,
        "ontapd at %s did not answer within %g s (is it running? systemctl status "
        "ontapd)",
        connection->path, connection->timeout_ms / 1000.0);
}

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* At least 1, because a socket's timeout of 0 means for ever. */
static int64_t left_ms(const Connection *connection)
{
    int64_t left = connection->deadline - now_ms();

    return left > 1 ? left : 1;
}

/* A full backlog makes connect() wait, and SO_SNDTIMEO is what bounds that, as it does send(). */
static void bound_sending(Connection *connection)
{
    int64_t left = left_ms(connection);
    struct timeval timeout = {.tv_sec = left / 1000, .tv_usec = left % 1000 * 1000};

    setsockopt(connection->output, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
}

static bool fail_connect(Connection *connection, int error)
{
    const char *advice = "start it: systemctl start ontapd";

    connection->failure = error;
    if (error == EAGAIN)
        return fail_timeout(connection);
    if (error == EACCES || error == EPERM)
        advice = "this user may not reach that socket";
    return connection_fail(connection, "cannot connect to ontapd at %s: %s (%s)", connection->path,
                           strerror(error), advice);
}

static bool fill_address(Connection *connection, struct sockaddr_un *address)
{
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(connection->path) >= sizeof(address->sun_path))
        return connection_fail(connection,
                               "the path of ontapd's socket has more than %zu bytes: %.40s…",
                               sizeof(address->sun_path) - 1, connection->path);
    strcpy(address->sun_path, connection->path);
    return true;
}

bool connection_open(Connection *connection, const char *path, unsigned timeout_ms, char *error)
{
    struct sockaddr_un address;
    int connected;

    *connection = (Connection){.path = path,
                               .socket = -1,
                               .output = -1,
                               .timeout_ms = timeout_ms,
                               .deadline = now_ms() + timeout_ms,
                               .error = error};
    if (!fill_address(connection, &address))
        return false;
    connection->socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connection->socket < 0)
        return connection_fail(connection, "cannot make a socket: %s", strerror(errno));
    connection->output = connection->socket;
    do {
        bound_sending(connection);
        connected = connect(connection->socket, (struct sockaddr *)&address, sizeof(address));
    } while (connected < 0 && errno == EINTR && now_ms() < connection->deadline);
    return connected == 0 || fail_connect(connection, errno);
}

void connection_adopt(Connection *connection, const char *path, int input, int output,
                      unsigned timeout_ms, char *error)
{
    *connection = (Connection){.path = path,
                               .socket = input,
                               .output = output,
                               .adopted = true,
                               .timeout_ms = timeout_ms,
                               .deadline = now_ms() + timeout_ms,
                               .error = error};
}

void connection_close(Connection *connection)
{
    if (connection->socket >= 0 && !connection->adopted)
        close(connection->socket);
    connection->socket = connection->output = -1;
}

bool connection_send(Connection *connection, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t sent;

        bound_sending(connection);
        sent = fds_send(connection->output, data, size, NULL, 0);
        if (sent == -EPIPE || sent == -ECONNRESET)
            return true;
        if (sent == -EAGAIN)
            return fail_timeout(connection);
        if (sent < 0)
            return connection_fail(connection, "cannot send to ontapd at %s: %s", connection->path,
                                   strerror((int)-sent));
        data += sent;
        size -= (size_t)sent;
    }
    return true;
}

bool connection_wait(Connection *connection)
{
    struct pollfd pollfd = {.fd = connection->socket, .events = POLLIN};

    while (now_ms() < connection->deadline) {
        int ready = poll(&pollfd, 1, (int)left_ms(connection));

        if (ready > 0)
            return true;
        if (ready < 0 && errno != EINTR)
            return connection_fail(connection, "cannot wait for ontapd: %s", strerror(errno));
    }
    return fail_timeout(connection);
}
