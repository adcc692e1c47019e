/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * One poll loop. Frames of two sockets have no order of their own, and an answer must not be heard
 * before its question (core.h). So what the LAN sent is taken from its socket first, but counts
 * only when all that guests sent before has been read. Of each socket a bounded number is read at a
 * time, the daemon's words first, so that a guest that floods keeps nobody else from being heard.
 *
 * A proposal that cannot be told within seconds ends the process: the one that is forked in its
 * place is told everything anew, and that is simpler than any recovery here.
 */
#include "learner/worker.h"

#include "learner/confine.h"
#include "learner/core.h"
#include "learner/message.h"
#include "translate/claims.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define MESSAGES_A_TURN 256
#define FRAMES_A_TURN 256
/* Turns that guests get before the LAN does: more frames than the buffer of a socket holds
 * (CAPTURE_BUFFER of daemon/capture.c, doubled by the kernel, at 576 bytes a frame). */
#define GUEST_TURNS 16
#define PATIENCE_SECONDS 5 /* with a daemon that does not read */
#define FRAME_SIZE 2048
#define FIXED_POLLS 3       /* channel, tap room, claims */
#define COUNTERS_AFTER 1000 /* milliseconds that changed counters wait, to be told together */

typedef struct {
    guint32 ifindex;
    gsize size;
    guint8 bytes[FRAME_SIZE];
} Frame;

typedef struct {
    const WorkerSockets *sockets;
    struct pollfd *polls; /* channel, tap room, claims; taps; parents */
    Frame *heard;         /* FRAMES_A_TURN of them, from a parent */
    Core *core;
    guint64 secret;
    gboolean in_step; /* the daemon's `reset` has been read */
    gboolean failed;
    GHashTable *told;        /* ifindex -> Counters as the daemon knows them */
    guint64 counters_due;    /* G_MAXUINT64: nothing to tell */
    TranslateClaims *claims; /* NULL: no guard, so packet sockets see all */
} Worker;

/* The packet sockets could send frames to the LAN, as anybody: not this process. */
Calls *worker_calls(int channel)
{
    const Call list[] = {
        CALL(poll, "waiting for frames and messages"),
        CALL(ppoll, "the same, on machines without poll"),
        CALL(recvfrom, "frames, and what the daemon says"),
        CALL(sendto, "proposals to the daemon", .n = 2,
             .arguments = {CALL_IS(0, channel), CALL_IS_NULL(4)}),
        CALL(write, "last words", .n = 1, .arguments = {CALL_IS(0, STDERR_FILENO)}),
    };
    Calls *calls = calls_new();

    calls_add(calls, list, G_N_ELEMENTS(list));
    return calls;
}

static gboolean confine_worker(const WorkerSockets *sockets)
{
    g_autoptr(Calls) calls = worker_calls(sockets->channel);
    g_autoptr(GError) error = NULL;

    if (confine_calls(calls, &error))
        return TRUE;
    fprintf(stderr, "ontap-learnd: %s\n", error->message);
    return FALSE;
}

static guint64 now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_BOOTTIME, &now);
    return (guint64)now.tv_sec * 1000 + (guint64)now.tv_nsec / 1000000;
}

static void tell(Worker *worker, const Message *message)
{
    guint8 buffer[MESSAGE_SIZE_MAX];
    gsize size = message_format(message, buffer);
    ssize_t sent;

    if (worker->failed)
        return;
    do
        sent = send(worker->sockets->channel, buffer, size, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    /* A daemon that has gone is seen, as the end of the channel, by whoever reads it. */
    worker->failed |= sent < 0 && errno != EPIPE;
}

static void on_proposal(const Proposal *proposal, void *data)
{
    tell(data, &(Message){.kind = MESSAGE_PROPOSAL, .proposal = *proposal});
}

static void reset(Worker *worker)
{
    g_clear_pointer(&worker->core, core_free);
    worker->core = core_new(worker->secret, on_proposal, worker);
    g_hash_table_remove_all(worker->told);
}

static void add_port(Worker *worker, const CorePort *port)
{
    if (core_port_add(worker->core, port))
        g_hash_table_insert(worker->told, GUINT_TO_POINTER(port->ifindex), g_new0(Counters, 1));
}

static void handle_message(Worker *worker, const Message *message)
{
    if (message->kind == MESSAGE_RESET) {
        reset(worker);
        worker->in_step = TRUE;
    }
    if (!worker->in_step)
        return;
    switch (message->kind) {
    case MESSAGE_PARENT:
        core_parent_set(worker->core, message->ifindex, message->hwaddr);
        break;
    case MESSAGE_PARENT_GONE:
        core_parent_remove(worker->core, message->ifindex);
        break;
    case MESSAGE_PORT:
        add_port(worker, &message->port);
        break;
    case MESSAGE_PORT_GONE:
        core_port_remove(worker->core, message->ifindex);
        g_hash_table_remove(worker->told, GUINT_TO_POINTER(message->ifindex));
        break;
    case MESSAGE_BINDING:
        core_verdict(worker->core, message->binding.port, &message->binding.address,
                     message->binding.verdict, message->binding.source, message->binding.lifetime,
                     now_ms());
        break;
    default:
        break;
    }
}

/* FALSE when the daemon has gone. */
static gboolean read_messages(Worker *worker)
{
    guint8 buffer[MESSAGE_SIZE_MAX];

    for (int i = 0; i < MESSAGES_A_TURN; i++) {
        ssize_t size = recv(worker->sockets->channel, buffer, sizeof(buffer), MSG_DONTWAIT);
        Message message;

        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            return errno == EAGAIN;
        if (size == 0)
            return FALSE;
        if (message_parse(&message, buffer, (gsize)size))
            handle_message(worker, &message);
    }
    return TRUE;
}

static void feed(Worker *worker, guint32 ifindex, CoreDirection direction, const guint8 *frame,
                 gsize size)
{
    core_feed(worker->core, ifindex, direction, frame, size, now_ms());
    if (worker->counters_due == G_MAXUINT64)
        worker->counters_due = now_ms() + COUNTERS_AFTER;
}

/* FALSE when there is none. One that goes the wrong way, or an error, is an empty frame. */
static gboolean receive(int socket, CoreDirection direction, Frame *frame)
{
    struct sockaddr_ll from = {0};
    socklen_t from_size = sizeof(from);
    ssize_t size = recvfrom(socket, frame->bytes, sizeof(frame->bytes), MSG_DONTWAIT,
                            (struct sockaddr *)&from, &from_size);

    /* ENETDOWN and the like come once, when an interface goes. */
    if (size < 0 && errno != EINTR)
        return FALSE;
    frame->ifindex = (guint32)from.sll_ifindex;
    /* Of a tap, what its guest sends; of a parent, what the LAN sends. */
    frame->size =
        size > 0 && (from.sll_pkttype == PACKET_OUTGOING) == (direction == CORE_FROM_GUEST)
            ? (gsize)size
            : 0;
    return TRUE;
}

static void read_guests(Worker *worker, int socket)
{
    Frame frame;

    for (int i = 0; i < FRAMES_A_TURN && receive(socket, CORE_FROM_GUEST, &frame); i++)
        if (frame.size > 0)
            feed(worker, frame.ifindex, CORE_FROM_GUEST, frame.bytes, frame.size);
}

/* What the guard dropped because its source is not bound yet: no packet socket has seen it. */
static void on_claim(const MacsClaim *claim, void *data)
{
    feed(data, claim->ifindex, CORE_FROM_GUEST, claim->bytes, MIN(claim->size, MACS_CLAIM_BYTES));
}

static void tell_counters(Worker *worker)
{
    GHashTableIter iter;
    gpointer key, told;

    worker->counters_due = G_MAXUINT64;
    g_hash_table_iter_init(&iter, worker->told);
    while (g_hash_table_iter_next(&iter, &key, &told)) {
        guint32 port = GPOINTER_TO_UINT(key);
        const Counters *counters = core_port_counters(worker->core, port);

        if (counters == NULL || memcmp(counters, told, sizeof(*counters)) == 0)
            continue;
        memcpy(told, counters, sizeof(*counters));
        tell(worker, &(Message){.kind = MESSAGE_COUNTERS, .ifindex = port, .counters = *counters});
    }
}

/* Milliseconds for poll(2): until the next timer, -1 when none runs. */
static int timeout(guint64 due, guint64 now)
{
    if (due == G_MAXUINT64)
        return -1;
    return due <= now ? 0 : (int)MIN(due - now, 60 * 60 * 1000);
}

/* All that the daemon and the guests have said up to now. FALSE when the daemon has gone. */
static gboolean hear_guests(Worker *worker)
{
    struct pollfd *polls = worker->polls;
    guint n = FIXED_POLLS + worker->sockets->n_taps;

    for (int i = 0; i < GUEST_TURNS && poll(polls, n, 0) > 0; i++) {
        if (polls[0].revents != 0 && !read_messages(worker))
            return FALSE;
        if (polls[1].revents != 0)
            read_guests(worker, worker->sockets->room);
        if (polls[2].revents != 0)
            translate_claims_consume(worker->claims, FRAMES_A_TURN, on_claim, worker);
        for (guint tap = FIXED_POLLS; tap < n; tap++)
            if (polls[tap].revents != 0)
                read_guests(worker, polls[tap].fd);
    }
    return TRUE;
}

static gboolean hear_lan(Worker *worker, int parent)
{
    guint n = 0;

    while (n < FRAMES_A_TURN && receive(parent, CORE_FROM_LAN, &worker->heard[n]))
        n++;
    if (!hear_guests(worker))
        return FALSE;
    for (guint i = 0; i < n; i++) {
        const Frame *frame = &worker->heard[i];

        if (frame->size > 0)
            feed(worker, frame->ifindex, CORE_FROM_LAN, frame->bytes, frame->size);
    }
    return TRUE;
}

static gboolean turn(Worker *worker)
{
    guint first_parent = FIXED_POLLS + worker->sockets->n_taps;
    guint n = first_parent + worker->sockets->n_parents;
    guint64 due = MIN(core_next(worker->core), worker->counters_due);

    if (poll(worker->polls, n, timeout(due, now_ms())) < 0 && errno != EINTR)
        return FALSE;
    if (!hear_guests(worker))
        return FALSE;
    for (guint i = first_parent; i < n; i++)
        if (worker->polls[i].revents != 0 && !hear_lan(worker, worker->polls[i].fd))
            return FALSE;
    core_tick(worker->core, now_ms());
    if (worker->counters_due <= now_ms())
        tell_counters(worker);
    return !worker->failed;
}

static struct pollfd *polls_new(const WorkerSockets *sockets)
{
    guint n_taps = sockets->n_taps, n_parents = sockets->n_parents;
    struct pollfd *polls = g_new0(struct pollfd, FIXED_POLLS + n_taps + n_parents);
    struct pollfd *taps = &polls[FIXED_POLLS], *parents = &taps[n_taps];

    polls[0] = (struct pollfd){.fd = sockets->channel, .events = POLLIN};
    polls[1] = (struct pollfd){.fd = sockets->room, .events = POLLIN};
    polls[2] = (struct pollfd){.fd = sockets->claims, .events = POLLIN};
    for (guint i = 0; i < n_taps; i++)
        taps[i] = (struct pollfd){.fd = sockets->taps[i], .events = POLLIN};
    for (guint i = 0; i < n_parents; i++)
        parents[i] = (struct pollfd){.fd = sockets->parents[i], .events = POLLIN};
    return polls;
}

int worker_run(const WorkerSockets *sockets)
{
    Worker worker = {.sockets = sockets, .counters_due = G_MAXUINT64};
    const struct timeval patience = {.tv_sec = PATIENCE_SECONDS};

    setsockopt(sockets->channel, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    if (getrandom(&worker.secret, sizeof(worker.secret), 0) != sizeof(worker.secret))
        return 1;
    if (sockets->claims >= 0 &&
        (worker.claims = translate_claims_new(sockets->claims, NULL)) == NULL)
        return 1;
    if (!confine_worker(sockets))
        return 1;
    worker.polls = polls_new(sockets);
    worker.heard = g_new(Frame, FRAMES_A_TURN);
    worker.told = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free);
    reset(&worker);

    tell(&worker, &(Message){.kind = MESSAGE_HELLO});
    while (turn(&worker))
        ;
    core_free(worker.core);
    g_clear_pointer(&worker.claims, translate_claims_free);
    g_hash_table_unref(worker.told);
    g_free(worker.heard);
    g_free(worker.polls);
    return worker.failed ? 1 : 0;
}
