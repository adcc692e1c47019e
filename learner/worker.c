/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * One poll loop. Each turn reads the daemon's words first, then the taps, then the parents,
 * because frames of two sockets have no order of their own (core.h), and a bounded number of each,
 * so that a guest that floods keeps nobody else from being heard.
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
#define PATIENCE_SECONDS 5 /* with a daemon that does not read */
#define FRAME_SIZE 2048
#define FIXED_POLLS 3       /* channel, tap room, claims */
#define COUNTERS_AFTER 1000 /* milliseconds that changed counters wait, to be told together */

typedef struct {
    const WorkerSockets *sockets;
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

static void read_frames(Worker *worker, int socket, CoreDirection direction)
{
    guint8 frame[FRAME_SIZE];

    for (int i = 0; i < FRAMES_A_TURN; i++) {
        struct sockaddr_ll from = {0};
        socklen_t from_size = sizeof(from);
        ssize_t size = recvfrom(socket, frame, sizeof(frame), MSG_DONTWAIT,
                                (struct sockaddr *)&from, &from_size);

        if (size < 0 && errno == EINTR)
            continue;
        /* ENETDOWN and the like come once, when an interface goes. */
        if (size < 0)
            return;
        /* Of a tap, what its guest sends; of a parent, what the LAN sends. */
        if ((from.sll_pkttype == PACKET_OUTGOING) == (direction == CORE_FROM_GUEST))
            feed(worker, (guint32)from.sll_ifindex, direction, frame, (gsize)size);
    }
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

static gboolean turn(Worker *worker, struct pollfd *polls, guint n)
{
    guint64 now = now_ms();
    guint64 due = MIN(core_next(worker->core), worker->counters_due);

    if (poll(polls, n, timeout(due, now)) < 0 && errno != EINTR)
        return FALSE;
    if (polls[0].revents != 0 && !read_messages(worker))
        return FALSE;
    if (polls[1].revents != 0)
        read_frames(worker, worker->sockets->room, CORE_FROM_GUEST);
    if (polls[2].revents != 0)
        translate_claims_consume(worker->claims, FRAMES_A_TURN, on_claim, worker);
    for (guint i = FIXED_POLLS; i < n; i++)
        if (polls[i].revents != 0)
            read_frames(worker, polls[i].fd,
                        i < FIXED_POLLS + worker->sockets->n_taps ? CORE_FROM_GUEST
                                                                  : CORE_FROM_LAN);
    core_tick(worker->core, now_ms());
    if (worker->counters_due <= now_ms())
        tell_counters(worker);
    return !worker->failed;
}

int worker_run(const WorkerSockets *sockets)
{
    guint first_parent = FIXED_POLLS + sockets->n_taps, n = first_parent + sockets->n_parents;
    g_autofree struct pollfd *polls = g_new0(struct pollfd, n);
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
    worker.told = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free);
    reset(&worker);
    polls[0] = (struct pollfd){.fd = sockets->channel, .events = POLLIN};
    polls[1] = (struct pollfd){.fd = sockets->room, .events = POLLIN};
    polls[2] =
        (struct pollfd){.fd = worker.claims != NULL ? sockets->claims : -1, .events = POLLIN};
    for (guint i = 0; i < sockets->n_taps; i++)
        polls[FIXED_POLLS + i] = (struct pollfd){.fd = sockets->taps[i], .events = POLLIN};
    for (guint i = 0; i < sockets->n_parents; i++)
        polls[first_parent + i] = (struct pollfd){.fd = sockets->parents[i], .events = POLLIN};

    tell(&worker, &(Message){.kind = MESSAGE_HELLO});
    while (turn(&worker, polls, n))
        ;
    core_free(worker.core);
    g_clear_pointer(&worker.claims, translate_claims_free);
    g_hash_table_unref(worker.told);
    return worker.failed ? 1 : 0;
}
