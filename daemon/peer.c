/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "daemon/peer.h"

#include "daemon/log.h"
#include "wire/fds.h"
#include "wire/request.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PEER_SECONDS 5
#define WATCH_BUFFER (256 * 1024) /* bytes that a watcher may be behind */

struct Peer {
    Service *service;
    int socket;
    Credentials credentials;
    PeerEnded ended;
    gpointer data;
    guint io_source;
    guint told_source; /* a watcher has lines to be written */
    guint deadline_source;
    char request[REQUEST_SIZE_MAX];
    size_t n_request;
    GString *answer; /* what is still to be written; NULL while reading */
    size_t n_written;
    Watcher *watcher; /* NULL: it does not watch */
};

static void clear_source(guint *sourcep)
{
    if (*sourcep != 0)
        g_source_remove(*sourcep);
    *sourcep = 0;
}

void peer_free(Peer *peer)
{
    clear_source(&peer->io_source);
    clear_source(&peer->told_source);
    clear_source(&peer->deadline_source);
    if (peer->watcher != NULL)
        watchers_remove(peer->service->watchers, peer->watcher);
    if (peer->answer != NULL)
        g_string_free(peer->answer, TRUE);
    credentials_deinit(&peer->credentials);
    close(peer->socket);
    g_free(peer);
}

static void end(Peer *peer)
{
    peer->ended(peer, peer->data);
    peer_free(peer);
}

/* Closing a socket with unread bytes resets it, and the client would read the reset in place of the
 * answer. What a client sends behind its request is thrown away, as far as it is there already. */
static void discard_input(Peer *peer)
{
    char buffer[4096];

    for (int i = 0; i < 16; i++)
        if (recv(peer->socket, buffer, sizeof(buffer), 0) <= 0)
            return;
}

static gboolean on_ready(gint fd, GIOCondition condition, gpointer data);

/* A watcher that has read all waits to be told more, or to leave. */
static void wait_for(Peer *peer, GIOCondition condition)
{
    clear_source(&peer->io_source);
    peer->io_source = g_unix_fd_add(peer->socket, condition, on_ready, peer);
}

/* Writes what is left. TRUE when the peer goes on. */
static gboolean write_answer(Peer *peer)
{
    while (peer->n_written < peer->answer->len) {
        ssize_t size = send(peer->socket, peer->answer->str + peer->n_written,
                            peer->answer->len - peer->n_written, MSG_NOSIGNAL);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0 && errno == EAGAIN) {
            wait_for(peer, G_IO_OUT);
            return TRUE;
        }
        if (size < 0)
            return FALSE;
        peer->n_written += (size_t)size;
    }
    if (peer->watcher != NULL) {
        g_string_truncate(peer->answer, 0);
        peer->n_written = 0;
        wait_for(peer, G_IO_IN);
        return TRUE;
    }
    shutdown(peer->socket, SHUT_WR);
    discard_input(peer);
    return FALSE;
}

/* There is room to write, or a watcher has left or said what nobody asked for. */
static gboolean on_ready(gint fd, GIOCondition condition, gpointer data)
{
    Peer *peer = data;

    peer->io_source = 0;
    if ((condition & G_IO_OUT) == 0 || !write_answer(peer))
        end(peer);
    return G_SOURCE_REMOVE;
}

static gboolean on_told(gpointer data)
{
    Peer *peer = data;

    peer->told_source = 0;
    if (peer->answer->len - peer->n_written > WATCH_BUFFER || !write_answer(peer))
        end(peer);
    return G_SOURCE_REMOVE;
}

/* Many events of one moment go out together, from the main loop: whoever tells of one may be in the
 * middle of something. */
static void on_event(const char *line, gsize size, gpointer data)
{
    Peer *peer = data;

    if (peer->answer->len - peer->n_written <= WATCH_BUFFER)
        g_string_append_len(peer->answer, line, (gssize)size);
    if (peer->told_source == 0)
        peer->told_source = g_idle_add(on_told, peer);
}

/* TRUE when the peer is a watcher now; then it has no deadline any more. */
static gboolean start_watching(Peer *peer)
{
    uid_t owner = policy_owner(peer->service->policy, peer->credentials.uid);

    peer->watcher = watchers_add(peer->service->watchers, owner, on_event, peer);
    if (peer->watcher != NULL)
        clear_source(&peer->deadline_source);
    return peer->watcher != NULL;
}

/* Sends the first bytes with the descriptors. FALSE when nobody took them. */
static gboolean send_descriptors(Peer *peer, const Answer *answer)
{
    ssize_t size =
        fds_send(peer->socket, answer->text->str, answer->text->len, answer->fds, answer->n_fds);

    if (size < 0) {
        log_debug("uid %u (process %d) could not be given its device: %s", peer->credentials.uid,
                  peer->credentials.pid, g_strerror((int)-size));
        return FALSE;
    }
    peer->n_written = (size_t)size;
    return TRUE;
}

/* Takes the answer apart. TRUE when the peer goes on. */
static gboolean begin_answer(Peer *peer, Answer *answer)
{
    gboolean sent = answer->n_fds == 0 || send_descriptors(peer, answer);

    if (answer->watch && !start_watching(peer)) {
        answer_deinit(answer);
        answer_refuse(answer, REPLY_BUSY, "too many are watching already");
    }
    if (!sent)
        service_take_back(peer->service, answer);
    peer->answer = g_steal_pointer(&answer->text);
    answer_deinit(answer);
    return sent && write_answer(peer);
}

/* Reads what is there. Returns the size of the request once its newline is seen, -1 while more is
 * to come, and -2 when the client has gone or sent too much; then `*answer` may be set. */
static ssize_t read_request(Peer *peer, Answer *answer)
{
    ssize_t size;

    do
        size = recv(peer->socket, peer->request + peer->n_request,
                    sizeof(peer->request) - peer->n_request, 0);
    while (size < 0 && errno == EINTR);
    if (size < 0)
        return errno == EAGAIN ? -1 : -2;
    if (size == 0) {
        if (peer->n_request > 0)
            answer_refuse(answer, REPLY_MALFORMED, "the request does not end with a newline");
        return -2;
    }
    const char *newline = memchr(peer->request + peer->n_request, '\n', (size_t)size);
    peer->n_request += (size_t)size;
    if (newline != NULL)
        return newline - peer->request;
    if (peer->n_request < sizeof(peer->request))
        return -1;
    answer_refuse(answer, REPLY_MALFORMED,
                  "the request has 1024 bytes and no newline; a request is one shorter line");
    return -2;
}

static gboolean on_readable(gint fd, GIOCondition condition, gpointer data)
{
    Peer *peer = data;
    Answer answer = {0};
    ssize_t size = read_request(peer, &answer);

    if (size == -1)
        return G_SOURCE_CONTINUE;
    if (size >= 0)
        service_answer(peer->service, &peer->credentials, peer->request, (size_t)size, &answer);
    peer->io_source = 0;
    if (answer.text == NULL || !begin_answer(peer, &answer))
        end(peer);
    return G_SOURCE_REMOVE;
}

static gboolean on_deadline(gpointer data)
{
    Peer *peer = data;

    log_debug("uid %u (process %d) is dropped: it took more than %d s", peer->credentials.uid,
              peer->credentials.pid, PEER_SECONDS);
    peer->deadline_source = 0;
    end(peer);
    return G_SOURCE_REMOVE;
}

Peer *peer_new(Service *service, int socket, Credentials *credentials, PeerEnded ended,
               gpointer data)
{
    Peer *peer = g_new0(Peer, 1);

    peer->service = service;
    peer->socket = socket;
    peer->credentials = *credentials;
    *credentials = (Credentials){0};
    peer->ended = ended;
    peer->data = data;
    peer->io_source = g_unix_fd_add(socket, G_IO_IN, on_readable, peer);
    peer->deadline_source = g_timeout_add_seconds(PEER_SECONDS, on_deadline, peer);
    return peer;
}

uid_t peer_uid(const Peer *peer)
{
    return peer->credentials.uid;
}
