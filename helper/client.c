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

typedef struct {
    const char *path;
    int socket;
    int64_t deadline; /* milliseconds of CLOCK_MONOTONIC */
    char *error;
} Conversation;

const char *client_socket_path(const char *option)
{
    const char *path = option ? option : secure_getenv("ONTAP_SOCKET");

    return path && *path ? path : ONTAP_SOCKET_PATH;
}

__attribute__((format(printf, 2, 3))) static bool fail(Conversation *talk, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(talk->error, CLIENT_ERROR_SIZE, format, arguments);
    va_end(arguments);
    return false;
}

static bool fail_timeout(Conversation *talk)
{
    return fail(talk,
                "ontapd at %s did not answer within %g s (is it running? systemctl status "
                "ontapd)",
                talk->path, CLIENT_TIMEOUT_MS / 1000.0);
}

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* At least 1, because a socket's timeout of 0 means for ever. */
static int64_t left_ms(const Conversation *talk)
{
    int64_t left = talk->deadline - now_ms();

    return left > 1 ? left : 1;
}

/* A full backlog makes connect() wait, and SO_SNDTIMEO is what bounds that, as it does send(). */
static void bound_sending(Conversation *talk)
{
    int64_t left = left_ms(talk);
    struct timeval timeout = {.tv_sec = left / 1000, .tv_usec = left % 1000 * 1000};

    setsockopt(talk->socket, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
}

static bool fail_connect(Conversation *talk, int error)
{
    const char *advice = "start it: systemctl start ontapd";

    if (error == EAGAIN)
        return fail_timeout(talk);
    if (error == EACCES || error == EPERM)
        advice = "this user may not reach that socket";
    return fail(talk, "cannot connect to ontapd at %s: %s (%s)", talk->path, strerror(error),
                advice);
}

static bool open_connection(Conversation *talk)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int connected;

    if (strlen(talk->path) >= sizeof(address.sun_path))
        return fail(talk, "the path of ontapd's socket has more than %zu bytes: %.40s…",
                    sizeof(address.sun_path) - 1, talk->path);
    strcpy(address.sun_path, talk->path);

    talk->socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (talk->socket < 0)
        return fail(talk, "cannot make a socket: %s", strerror(errno));
    do {
        bound_sending(talk);
        connected = connect(talk->socket, (struct sockaddr *)&address, sizeof(address));
    } while (connected < 0 && errno == EINTR && now_ms() < talk->deadline);
    return connected == 0 || fail_connect(talk, errno);
}

static bool send_line(Conversation *talk, const char *line, size_t size)
{
    while (size > 0) {
        ssize_t sent;

        bound_sending(talk);
        sent = fds_send(talk->socket, line, size, NULL, 0);
        if (sent == -EPIPE || sent == -ECONNRESET)
            return true;
        if (sent == -EAGAIN)
            return fail_timeout(talk);
        if (sent < 0)
            return fail(talk, "cannot send to ontapd at %s: %s", talk->path, strerror((int)-sent));
        line += sent;
        size -= (size_t)sent;
    }
    return true;
}

static bool wait_readable(Conversation *talk)
{
    struct pollfd pollfd = {.fd = talk->socket, .events = POLLIN};

    while (now_ms() < talk->deadline) {
        int ready = poll(&pollfd, 1, (int)left_ms(talk));

        if (ready > 0)
            return true;
        if (ready < 0 && errno != EINTR)
            return fail(talk, "cannot wait for ontapd: %s", strerror(errno));
    }
    return fail_timeout(talk);
}

/* Reads to the end of file. One byte more than a reply may have is enough to see that it has. */
static bool receive_all(Conversation *talk, ClientDevice *device,
                        char line[static REPLY_SIZE_MAX + 1], size_t *sizep)
{
    *sizep = 0;
    while (*sizep <= REPLY_SIZE_MAX) {
        ssize_t received;

        if (!wait_readable(talk))
            return false;
        received = fds_receive(talk->socket, line + *sizep, REPLY_SIZE_MAX + 1 - *sizep,
                               device->fds, &device->n_fds, DEVICE_QUEUES_MAX);
        /* A peer that closes with our request unread gives us its reply first, then a reset. */
        if (received == 0 || received == -ECONNRESET)
            return true;
        if (received == -EMSGSIZE)
            return fail(talk,
                        "ontapd at %s sent more descriptors than this process may take "
                        "(at most %d; see also ulimit -n)",
                        talk->path, DEVICE_QUEUES_MAX);
        if (received < 0)
            return fail(talk, "cannot read from ontapd at %s: %s", talk->path,
                        strerror((int)-received));
        *sizep += (size_t)received;
    }
    return true;
}

static bool check_reply(Conversation *talk, ClientDevice *device, const Request *request,
                        const char *line, size_t size)
{
    const Reply *reply = &device->reply;

    if (size == 0)
        return fail(talk,
                    "ontapd at %s closed the connection without an answer (journalctl -u "
                    "ontapd may say why)",
                    talk->path);
    if (memchr(line, '\n', size) != line + size - 1 || !reply_parse(&device->reply, line, size - 1))
        return fail(talk, "what answered at %s does not speak ontapd's protocol", talk->path);
    if (reply->code != REPLY_OK)
        return fail(talk, "%s%s%s", reply_code_text(reply->code), *reply->text ? ": " : "",
                    reply->text);
    if (reply->queues != request->queues || device->n_fds != reply->queues)
        return fail(talk, "ontapd at %s was asked for %u queues, promised %u and sent %zu",
                    talk->path, request->queues, reply->queues, device->n_fds);
    return true;
}

bool client_request_device(ClientDevice *device, const char *path, const Request *request,
                           char error[static CLIENT_ERROR_SIZE])
{
    Conversation talk = {
        .path = path, .socket = -1, .deadline = now_ms() + CLIENT_TIMEOUT_MS, .error = error};
    char request_line[REQUEST_SIZE_MAX + 1];
    char reply_line[REPLY_SIZE_MAX + 1];
    size_t request_size = request_format(request, request_line, sizeof(request_line));
    size_t reply_size;
    bool ok;

    device->n_fds = 0;
    if (request_size == 0)
        return fail(&talk, "this request cannot be written");

    ok = open_connection(&talk) && send_line(&talk, request_line, request_size) &&
         receive_all(&talk, device, reply_line, &reply_size) &&
         check_reply(&talk, device, request, reply_line, reply_size);
    if (talk.socket >= 0)
        close(talk.socket);
    if (!ok) {
        for (size_t i = 0; i < device->n_fds; i++)
            close(device->fds[i]);
        device->n_fds = 0;
    }
    return ok;
}
