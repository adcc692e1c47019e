/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * A look at what is queued (MSG_PEEK) never drops the last reference, and MSG_CTRUNC tells that
 * descriptors are attached. A socket with such a message is closed by a child, for a process that
 * exits does not linger (net/ipv4/af_inet.c, PF_EXITING): it holds a copy, the daemon closes its
 * own, and then the child exits.
 */
#include "daemon/client-socket.h"

#include "daemon/log.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef SO_PASSRIGHTS
#define SO_PASSRIGHTS 83
#endif

/* What a client can have queued is bounded by its own send buffer. */
#define DISCARD_TURNS 256
#define DOOMED_RETRY 1000 /* milliseconds */

void client_socket_refuse_descriptors(int socket)
{
    int off = 0, on = 1;

    setsockopt(socket, SOL_SOCKET, SO_PASSRIGHTS, &off, sizeof(off));
    /* Else a look passes over an urgent byte, which can carry descriptors too, and reading or
     * closing drops them; and alone in the queue it is readable for ever (net/unix/af_unix.c,
     * manage_oob). */
    setsockopt(socket, SOL_SOCKET, SO_OOBINLINE, &on, sizeof(on));
}

static ClientRead peek(int socket, char *data, gsize size, gsize *np)
{
    struct iovec iov = {data, size};
    struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};
    ssize_t peeked;

    do
        peeked = recvmsg(socket, &message, MSG_PEEK | MSG_DONTWAIT);
    while (peeked < 0 && errno == EINTR);
    if (peeked < 0)
        return errno == EAGAIN ? CLIENT_READ_AGAIN : CLIENT_READ_END;
    if (message.msg_flags & MSG_CTRUNC)
        return CLIENT_READ_DESCRIPTORS;
    *np = (gsize)peeked;
    return peeked == 0 ? CLIENT_READ_END : CLIENT_READ_OK;
}

ClientRead client_socket_read(int socket, char *data, gsize size, gsize *np)
{
    ClientRead result = peek(socket, data, size, np);

    if (result != CLIENT_READ_OK)
        return result;
    /* Exactly what was looked at: what came since may be of another kind. */
    ssize_t taken = recv(socket, data, *np, MSG_DONTWAIT);
    if (taken <= 0)
        return CLIENT_READ_END;
    *np = (gsize)taken;
    return CLIENT_READ_OK;
}

/* FALSE when descriptors lie in it. */
static gboolean discard(int socket)
{
    char data[4096];
    gsize n;

    for (int i = 0; i < DISCARD_TURNS; i++) {
        ClientRead result = client_socket_read(socket, data, sizeof(data), &n);
        if (result != CLIENT_READ_OK)
            return result != CLIENT_READ_DESCRIPTORS;
    }
    return FALSE;
}

/* Sockets that wait to be closed by one child together: a fork for each would let whoever floods us
 * with descriptors hold up all others. */
static GArray *doomed; /* of int */
static guint doomed_source;

/* FALSE when there can be no child now. */
static gboolean close_doomed(void)
{
    int pipe_fds[2];

    if (pipe2(pipe_fds, 0) < 0) {
        log_error("cannot make a pipe to close clients' sockets: %s", g_strerror(errno));
        return FALSE;
    }
    pid_t pid = fork();
    if (pid == 0) { /* of a process with threads: nothing here may take a lock */
        char byte;

        close(pipe_fds[1]);
        while (read(pipe_fds[0], &byte, 1) < 0 && errno == EINTR)
            ;
        _exit(0);
    }
    close(pipe_fds[0]);
    if (pid < 0)
        log_error("cannot fork to close clients' sockets: %s", g_strerror(errno));
    for (guint i = 0; pid > 0 && i < doomed->len; i++)
        close(g_array_index(doomed, int, i));
    close(pipe_fds[1]);
    return pid > 0;
}

/* Without a child they stay open for a while: some descriptors are less than a daemon that hangs.
 */
static gboolean on_doomed(gpointer data)
{
    doomed_source = 0;
    if (close_doomed())
        g_array_set_size(doomed, 0);
    else
        doomed_source = g_timeout_add(DOOMED_RETRY, on_doomed, NULL);
    return G_SOURCE_REMOVE;
}

static void close_in_child(int socket)
{
    if (doomed == NULL)
        doomed = g_array_new(FALSE, FALSE, sizeof(int));
    g_array_append_val(doomed, socket);
    if (doomed_source == 0)
        doomed_source = g_idle_add_full(G_PRIORITY_DEFAULT, on_doomed, NULL, NULL);
}

void client_socket_close(int socket)
{
    /* Nothing more can come from here on. */
    shutdown(socket, SHUT_RD);
    if (discard(socket))
        close(socket);
    else
        close_in_child(socket);
}
