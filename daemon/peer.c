/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "daemon/peer.h"

#include "daemon/client-socket.h"
#include "daemon/log.h"
#include "wire/fds.h"
#include "wire/request.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PEER_SECONDS 5
#define MORE_A_TURN 65536         /* bytes */
#define WATCH_BUFFER (256 * 1024) /* bytes of events that a watcher may be behind */

struct Peer {
    Service *service;
    int socket;
    Credentials credentials;
    uid_t owner;
    PeerEnded ended;
    gpointer data;
    guint io_source;
    guint told_source; /* a watcher has lines to be written */
    guint deadline_source;
    char request[REQUEST_SIZE_MAX];
    size_t n_request;
    size_t n_line;   /* of it are the line, its newline not counted */
    GString *more;   /* what the request wanted besides, NULL: nothing */
    gsize n_more;    /* that much is wanted */
    Turn *turn;      /* the request waits to be answered */
    GString *answer; /* what is still to be written; NULL while reading */
    size_t n_written;
    guint n_fds;      /* descriptors that went with it */
    Watcher *watcher; /* NULL: it does not watch */
    gsize behind_max; /* bytes that it may be behind: what there was to tell first, and more */
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
    if (peer->turn != NULL)
        turns_cancel(peer->service->turns, peer->turn);
    if (peer->watcher != NULL)
        watchers_remove(peer->service->watchers, peer->watcher);
    if (peer->more != NULL)
        g_string_free(peer->more, TRUE);
    if (peer->answer != NULL)
        g_string_free(peer->answer, TRUE);
    credentials_deinit(&peer->credentials);
    peer->service->peers--;
    if (peer->n_fds > 0)
        inflight_add(peer->service->inflight, peer->owner, peer->socket, peer->n_fds);
    else
        client_socket_close(peer->socket);
    g_free(peer);
}

static void end(Peer *peer)
{
    peer->ended(peer, peer->data);
    peer_free(peer);
}

static gboolean on_ready(gint fd, GIOCondition condition, gpointer data);
static void on_turn(guint64 waited, gpointer data);
static gboolean on_deadline(gpointer data);

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
            g_string_erase(peer->answer, 0, (gssize)peer->n_written);
            peer->n_written = 0;
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
    if (peer->answer->len - peer->n_written > peer->behind_max || !write_answer(peer))
        end(peer);
    return G_SOURCE_REMOVE;
}

/* Many events of one moment go out together, from the main loop: whoever tells of one may be in the
 * middle of something. */
static void on_event(const char *line, gsize size, gpointer data)
{
    Peer *peer = data;

    if (peer->answer->len - peer->n_written <= peer->behind_max)
        g_string_append_len(peer->answer, line, (gssize)size);
    /* Not of a lower priority than turns: who asks without pause must not blind those who watch. */
    if (peer->told_source == 0)
        peer->told_source = g_idle_add_full(G_PRIORITY_DEFAULT, on_told, peer, NULL);
}

/* TRUE when the peer is a watcher now; then it has no deadline any more. */
static gboolean start_watching(Peer *peer)
{
    peer->watcher =
        watchers_add(peer->service->watchers, peer->owner, &peer->credentials, on_event, peer);
    if (peer->watcher != NULL)
        clear_source(&peer->deadline_source);
    return peer->watcher != NULL;
}

/* Sends the first bytes with the descriptors, and has our own closed. When that is not possible the
 * answer becomes another, or none when nobody is there. */
static void send_descriptors(Peer *peer, Answer *answer)
{
    ssize_t size =
        fds_send(peer->socket, answer->text->str, answer->text->len, answer->fds, answer->n_fds);
    guint n_fds = answer->n_fds;

    inflight_close(peer->service->inflight, peer->owner, size >= 0 ? peer->socket : -1, answer->fds,
                   n_fds);
    answer->n_fds = 0;
    if (size >= 0) {
        peer->n_written = (size_t)size;
        peer->n_fds = n_fds;
        return;
    }
    log_warning("uid %u (process %d) could not be given its device: %s", peer->credentials.uid,
                peer->credentials.pid, g_strerror((int)-size));
    service_take_back(peer->service, answer);
    answer_deinit(answer);
    if (size != -EPIPE && size != -ECONNRESET)
        answer_refuse(answer, REPLY_LIMIT,
                      "too many descriptors are on their way to clients that "
                      "do not read them; try again");
}

/* Takes the answer apart. TRUE when the peer goes on. */
static gboolean begin_answer(Peer *peer, Answer *answer)
{
    if (answer->n_fds > 0)
        send_descriptors(peer, answer);
    if (answer->watch && !start_watching(peer)) {
        answer_deinit(answer);
        answer_refuse(answer, REPLY_BUSY, "too many are watching already");
    }
    peer->answer = g_steal_pointer(&answer->text);
    answer_deinit(answer);
    peer->behind_max = WATCH_BUFFER + (peer->answer != NULL ? peer->answer->len : 0);
    return peer->answer != NULL && write_answer(peer);
}

typedef enum {
    REQUEST_INCOMPLETE,
    REQUEST_COMPLETE,
    REQUEST_BAD, /* the answer says why, if there is anybody to read it */
} RequestState;

/* Reads what is there; `*sizep` is the size of a complete request, without its newline. */
static RequestState read_request(Peer *peer, size_t *sizep, Answer *answer)
{
    char *end_of_data = peer->request + peer->n_request;
    gsize n;

    switch (client_socket_read(peer->socket, end_of_data, sizeof(peer->request) - peer->n_request,
                               &n)) {
    case CLIENT_READ_AGAIN:
        return REQUEST_INCOMPLETE;
    case CLIENT_READ_DESCRIPTORS:
        answer_refuse(answer, REPLY_MALFORMED, "descriptors are not taken from anybody");
        return REQUEST_BAD;
    case CLIENT_READ_END:
        if (peer->n_request > 0)
            answer_refuse(answer, REPLY_MALFORMED, "the request does not end with a newline");
        return REQUEST_BAD;
    case CLIENT_READ_OK:
        break;
    }
    const char *newline = memchr(end_of_data, '\n', n);
    peer->n_request += n;
    if (newline != NULL) {
        *sizep = (size_t)(newline - peer->request);
        return REQUEST_COMPLETE;
    }
    if (peer->n_request < sizeof(peer->request))
        return REQUEST_INCOMPLETE;
    answer_refuse(answer, REPLY_MALFORMED,
                  "the request has 1024 bytes and no newline; a request is one shorter line");
    return REQUEST_BAD;
}

/* Nobody is waited for while a request waits for its turn, only we. */
static void join_line(Peer *peer)
{
    clear_source(&peer->deadline_source);
    peer->turn = turns_add(peer->service->turns, peer->owner, on_turn, peer);
}

static gboolean on_readable(gint fd, GIOCondition condition, gpointer data)
{
    Peer *peer = data;
    Answer answer = {0};
    RequestState state = read_request(peer, &peer->n_line, &answer);

    if (state == REQUEST_INCOMPLETE)
        return G_SOURCE_CONTINUE;
    peer->io_source = 0;
    if (state == REQUEST_COMPLETE)
        join_line(peer);
    else if (answer.text == NULL || !begin_answer(peer, &answer))
        end(peer);
    return G_SOURCE_REMOVE;
}

static gboolean on_more(gint fd, GIOCondition condition, gpointer data)
{
    Peer *peer = data;
    Answer answer = {0};
    gsize before = peer->more->len, wanted = MIN(peer->n_more - before, MORE_A_TURN), n = 0;
    ClientRead result;

    g_string_set_size(peer->more, before + wanted);
    result = client_socket_read(peer->socket, peer->more->str + before, wanted, &n);
    g_string_set_size(peer->more, before + (result == CLIENT_READ_OK ? n : 0));
    if (result == CLIENT_READ_AGAIN || (result == CLIENT_READ_OK && peer->more->len < peer->n_more))
        return G_SOURCE_CONTINUE;
    peer->io_source = 0;
    if (result == CLIENT_READ_OK) {
        join_line(peer);
        return G_SOURCE_REMOVE;
    }
    answer_refuse(&answer, REPLY_MALFORMED,
                  result == CLIENT_READ_DESCRIPTORS ? "descriptors are not taken from anybody"
                                                    : "the policy is shorter than its size=");
    if (!begin_answer(peer, &answer))
        end(peer);
    return G_SOURCE_REMOVE;
}

/* The request wants more bytes, some of which may have come with its line. */
static void read_more(Peer *peer, gsize size)
{
    gsize there = MIN(peer->n_request - peer->n_line - 1, size);

    peer->n_more = size;
    peer->more = g_string_sized_new(size);
    g_string_append_len(peer->more, peer->request + peer->n_line + 1, (gssize)there);
    if (there == size)
        join_line(peer);
    else
        peer->io_source = g_unix_fd_add(peer->socket, G_IO_IN, on_more, peer);
}

static void on_turn(guint64 waited, gpointer data)
{
    Peer *peer = data;
    Answer answer;

    peer->turn = NULL;
    peer->deadline_source = g_timeout_add_seconds(PEER_SECONDS, on_deadline, peer);
    if (peer->more != NULL)
        service_answer_more(peer->service, &peer->credentials, peer->more->str, peer->more->len,
                            &answer);
    else
        service_answer(peer->service, &peer->credentials, peer->request, peer->n_line, waited,
                       &answer);
    if (answer.more > 0) {
        read_more(peer, answer.more);
        answer_deinit(&answer);
    } else if (!begin_answer(peer, &answer)) {
        end(peer);
    }
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

    service->peers++;
    peer->service = service;
    peer->socket = socket;
    peer->owner = policy_owner(service->policy, credentials->uid);
    peer->credentials = *credentials;
    *credentials = (Credentials){0};
    peer->ended = ended;
    peer->data = data;
    peer->io_source = g_unix_fd_add(socket, G_IO_IN, on_readable, peer);
    peer->deadline_source = g_timeout_add_seconds(PEER_SECONDS, on_deadline, peer);
    return peer;
}

uid_t peer_owner(const Peer *peer)
{
    return peer->owner;
}
