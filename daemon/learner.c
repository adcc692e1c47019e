/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The learner holds all capture sockets from its start on, also those that are spare (capture.h).
 *
 * Sending to the learner never waits: it reads what strangers send and may be stuck. When its queue
 * is full it is out of step, and is told everything anew once it has read some of it.
 */
#include "daemon/learner.h"

#include "daemon/capture.h"
#include "daemon/learning.h"
#include "daemon/log.h"
#include "daemon/parents.h"
#include "learner/filter.h"
#include "learner/message.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <string.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CHANNEL_BUFFER (16 << 20) /* bytes: all that there is to tell of 10,000 devices fits */
#define MESSAGES_A_TURN 256
#define HELLO_SECONDS 10

struct Learner {
    Service *service;
    int channel; /* -1: the learner has gone */
    int room;
    int parents[LEARNER_PARENTS];
    int taps[LEARNER_TAPS];      /* in the host's netns */
    guint32 heard[LEARNER_TAPS]; /* the device that each listens to; 0: none */
    guint source;
    guint catch_up; /* waits until there is room in its queue */
    gboolean in_step;
    GHashTable *counters; /* ifindex -> Counters */
};

static gboolean fail(GError **error, const char *what)
{
    g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno), "cannot %s: %s", what,
                g_strerror(errno));
    return FALSE;
}

static gboolean open_room(Learner *learner, GError **error)
{
    const Rooms *rooms = &learner->service->kernel.rooms;
    Filter filter;

    filter_tap(&filter);
    if (!rooms_enter_tap_netns(rooms, error))
        return FALSE;
    learner->room = capture_open(&filter, error);
    rooms_leave_tap_netns(rooms);
    return learner->room >= 0 && capture_listen(learner->room, 0, error);
}

static gboolean open_spares(int *fds, guint n, Filter *filter, GError **error)
{
    for (guint i = 0; i < n; i++) {
        fds[i] = capture_open(filter, error);
        if (fds[i] < 0)
            return FALSE;
    }
    return TRUE;
}

static gboolean open_sockets(Learner *learner, GError **error)
{
    Filter filter;

    if (!open_room(learner, error))
        return FALSE;
    filter_parent(&filter, NULL);
    if (!open_spares(learner->parents, LEARNER_PARENTS, &filter, error))
        return FALSE;
    filter_tap(&filter);
    return open_spares(learner->taps, LEARNER_TAPS, &filter, error);
}

/* Nothing goes over exec but what is handed down, whoever has opened it: also what systemd passed
 * to us, and a terminal. Standard error stays, for the log. */
static void shut_out(void)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    setsid();
    if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
        _exit(126);
    /* Linux before 5.11 does not know the flag. */
    if (syscall(SYS_close_range, 3, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
        for (int fd = 3; fd < (int)sysconf(_SC_OPEN_MAX); fd++)
            fcntl(fd, F_SETFD, FD_CLOEXEC);
}

/* The descriptor stays open over exec, and its number becomes an argument. */
static void hand_down(GPtrArray *arguments, int fd)
{
    fcntl(fd, F_SETFD, 0);
    g_ptr_array_add(arguments, g_strdup_printf("%d", fd));
}

/* In the child. It is still root: the learner makes its own namespaces, and then gives all up
 * (learner/confine.c). */
static void exec_learner(const Learner *learner, int channel, const ServicePlan *plan)
{
    int claims = translator_claims_fd(learner->service->translator);
    char *environment[] = {plan->trace ? (char *)"ONTAP_TRACE=1" : NULL, NULL};
    g_autoptr(GPtrArray) arguments = g_ptr_array_new();

    g_ptr_array_add(arguments, g_strdup(plan->learner));
    g_ptr_array_add(arguments, g_strdup_printf("%u", plan->uid));
    g_ptr_array_add(arguments, g_strdup_printf("%u", plan->gid));
    shut_out();
    hand_down(arguments, channel);
    hand_down(arguments, learner->room);
    /* Without a guard, the channel stands in for its ring. */
    hand_down(arguments, claims >= 0 ? claims : channel);
    g_ptr_array_add(arguments, g_strdup_printf("%d", LEARNER_TAPS));
    for (guint i = 0; i < LEARNER_TAPS; i++)
        hand_down(arguments, learner->taps[i]);
    for (guint i = 0; i < LEARNER_PARENTS; i++)
        hand_down(arguments, learner->parents[i]);
    g_ptr_array_add(arguments, NULL);
    execve(plan->learner, (char **)arguments->pdata, environment);
    log_error("cannot run %s: %s", plan->learner, g_strerror(errno));
    _exit(127);
}

static gboolean start(Learner *learner, const ServicePlan *plan, GError **error)
{
    int pair[2], size = CHANNEL_BUFFER;

    if (access(plan->learner, X_OK) < 0)
        return fail(error, "run the learner (give --learner)");
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        return fail(error, "make a socket pair");
    for (int i = 0; i < 2; i++)
        if (setsockopt(pair[i], SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) < 0)
            setsockopt(pair[i], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
    fcntl(pair[0], F_SETFL, O_NONBLOCK);

    pid_t pid = fork();
    if (pid == 0)
        exec_learner(learner, pair[1], plan);
    close(pair[1]);
    if (pid < 0) {
        close(pair[0]);
        return fail(error, "fork");
    }
    learner->channel = pair[0];
    return TRUE;
}

static void send_everything(Learner *learner);

static gboolean on_writable(gint fd, GIOCondition condition, gpointer data)
{
    Learner *learner = data;

    learner->catch_up = 0;
    send_everything(learner);
    return G_SOURCE_REMOVE;
}

static void send_message(Learner *learner, const Message *message)
{
    guint8 buffer[MESSAGE_SIZE_MAX];

    if (learner == NULL || learner->channel < 0 || !learner->in_step)
        return;
    gsize size = message_format(message, buffer);
    if (send(learner->channel, buffer, size, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)size)
        return;
    learner->in_step = FALSE;
    if (learner->catch_up == 0)
        learner->catch_up = g_unix_fd_add(learner->channel, G_IO_OUT, on_writable, learner);
    log_debug("the learner does not keep up; it will be told everything anew");
}

void learner_send_parent(Learner *learner, guint32 ifindex, const guint8 hwaddr[static HWADDR_SIZE])
{
    Message message = {.kind = MESSAGE_PARENT, .ifindex = ifindex};

    memcpy(message.hwaddr, hwaddr, HWADDR_SIZE);
    send_message(learner, &message);
}

void learner_send_orphan(Learner *learner, guint32 ifindex)
{
    send_message(learner, &(Message){.kind = MESSAGE_PARENT_GONE, .ifindex = ifindex});
}

void learner_send_port(Learner *learner, const Device *device)
{
    if (learner == NULL)
        return;

    const PolicyNetwork *network =
        policy_network_by_name(learner->service->policy, device->alias.network);
    const CorePort port = {
        .ifindex = device->ifindex,
        .parent = device->parent,
        .addresses = CLAMP(device->alias.addresses, 1, CORE_ADDRESSES_MAX),
        /* On a network that the policy has no more, guests renew what they have. */
        .arp = network == NULL || network->learn_static,
    };

    /* A macvtap has a MAC of its own: it needs no address to receive. */
    if (device->type == DEVICE_IPVTAP)
        send_message(learner, &(Message){.kind = MESSAGE_PORT, .port = port});
}

void learner_send_unport(Learner *learner, guint32 ifindex)
{
    send_message(learner, &(Message){.kind = MESSAGE_PORT_GONE, .ifindex = ifindex});
    if (learner != NULL)
        g_hash_table_remove(learner->counters, GUINT_TO_POINTER(ifindex));
}

void learner_send_verdict(Learner *learner, guint32 ifindex, const IpAddress *ip, Verdict verdict,
                          BindingSource source, guint32 lifetime)
{
    Message message = {.kind = MESSAGE_BINDING};

    message.binding.port = ifindex;
    message.binding.address = *ip;
    message.binding.verdict = verdict;
    message.binding.source = source;
    message.binding.lifetime = MAX(lifetime, 1);
    send_message(learner, &message);
}

void learner_send_device(Learner *learner, const Device *device)
{
    if (learner == NULL)
        return;

    g_autoptr(GPtrArray) bounds = bound_list(learner->service->bound, device->ifindex);
    learner_send_port(learner, device);
    for (guint i = 0; i < bounds->len; i++) {
        const Bound *bound = g_ptr_array_index(bounds, i);
        learner_send_verdict(learner, device->ifindex, &bound->ip, VERDICT_ACCEPTED, bound->source,
                             bound_left(bound));
    }
}

static void send_everything(Learner *learner)
{
    const GArray *parents = parents_list(learner->service->parents);
    g_autoptr(GPtrArray) devices = registry_list(keeper_registry(learner->service->keeper));

    learner->in_step = TRUE;
    send_message(learner, &(Message){.kind = MESSAGE_RESET});
    for (guint i = 0; i < parents->len; i++) {
        const ParentState *parent = &g_array_index(parents, ParentState, i);
        if (parent->ifindex != 0)
            learner_send_parent(learner, parent->ifindex, parent->hwaddr);
    }
    for (guint i = 0; i < devices->len; i++) {
        const Device *device = g_ptr_array_index(devices, i);
        if (!device->ended)
            learner_send_device(learner, device);
    }
}

static void keep_counters(Learner *learner, const Message *message)
{
    if (registry_find(keeper_registry(learner->service->keeper), message->ifindex) != NULL)
        g_hash_table_insert(learner->counters, GUINT_TO_POINTER(message->ifindex),
                            g_memdup2(&message->counters, sizeof(Counters)));
}

static void handle_message(Learner *learner, const guint8 *data, gsize size)
{
    Message message;

    if (!message_parse(&message, data, size)) {
        log_warning("the learner says something that is no message");
        return;
    }
    if (message.kind == MESSAGE_HELLO)
        send_everything(learner);
    else if (message.kind == MESSAGE_PROPOSAL)
        learning_propose(learner->service, &message.proposal);
    else if (message.kind == MESSAGE_COUNTERS)
        keep_counters(learner, &message);
}

static void stop_catching_up(Learner *learner)
{
    if (learner->catch_up != 0)
        g_source_remove(learner->catch_up);
    learner->catch_up = 0;
}

/* In its sandbox the daemon cannot start another, but the next daemon can. */
static void lose(Learner *learner)
{
    service_fail(learner->service,
                 g_error_new_literal(G_FILE_ERROR, G_FILE_ERROR_FAILED,
                                     "ontap-learnd has ended, and without it no guest gets an "
                                     "address: ontapd ends too; devices and guests go on, and the "
                                     "next ontapd with them"));
    learner->source = 0;
    stop_catching_up(learner);
    close(learner->channel);
    learner->channel = -1;
}

static gboolean on_readable(gint fd, GIOCondition condition, gpointer data)
{
    Learner *learner = data;
    guint8 buffer[MESSAGE_SIZE_MAX];

    for (int i = 0; i < MESSAGES_A_TURN; i++) {
        ssize_t size = recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT);

        if (size > 0) {
            handle_message(learner, buffer, (gsize)size);
            continue;
        }
        if (size < 0 && (errno == EAGAIN || errno == EINTR))
            return G_SOURCE_CONTINUE;
        lose(learner);
        return G_SOURCE_REMOVE;
    }
    return G_SOURCE_CONTINUE;
}

/* A learner that cannot start must not be found out by the first guest. */
static gboolean await_hello(Learner *learner, GError **error)
{
    struct pollfd channel = {.fd = learner->channel, .events = POLLIN};
    char byte;

    if (poll(&channel, 1, HELLO_SECONDS * 1000) > 0 &&
        recv(learner->channel, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0)
        return TRUE;
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
                "ontap-learnd does not start; what it says stands above");
    return FALSE;
}

Learner *learner_new(Service *service, const ServicePlan *plan, GError **error)
{
    g_autoptr(Learner) learner = g_new0(Learner, 1);

    learner->service = service;
    learner->channel = learner->room = -1;
    memset(learner->parents, -1, sizeof(learner->parents));
    memset(learner->taps, -1, sizeof(learner->taps));
    learner->counters = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free);
    if (!open_sockets(learner, error) || !start(learner, plan, error))
        return NULL;
    if (!await_hello(learner, error))
        return NULL;
    learner->source = g_unix_fd_add(learner->channel, G_IO_IN, on_readable, learner);
    return g_steal_pointer(&learner);
}

static void close_fd(int fd)
{
    if (fd >= 0)
        close(fd);
}

void learner_free(Learner *learner)
{
    if (learner->source != 0)
        g_source_remove(learner->source);
    stop_catching_up(learner);
    close_fd(learner->channel);
    close_fd(learner->room);
    for (guint i = 0; i < LEARNER_PARENTS; i++)
        close_fd(learner->parents[i]);
    for (guint i = 0; i < LEARNER_TAPS; i++)
        close_fd(learner->taps[i]);
    g_hash_table_unref(learner->counters);
    g_free(learner);
}

gboolean learner_listen(Learner *learner, guint slot, guint32 ifindex, GError **error)
{
    return learner == NULL || capture_listen(learner->parents[slot], ifindex, error);
}

void learner_deafen(Learner *learner, guint slot)
{
    if (learner != NULL)
        capture_deafen(learner->parents[slot]);
}

/* The slot that listens to this device; with 0, one that listens to none. LEARNER_TAPS: there is
 * no such. */
static guint find_ear(const Learner *learner, guint32 ifindex)
{
    guint slot = 0;

    while (slot < LEARNER_TAPS && learner->heard[slot] != ifindex)
        slot++;
    return slot;
}

gboolean learner_has_ear(const Learner *learner)
{
    return find_ear(learner, 0) < LEARNER_TAPS;
}

void learner_hear(Learner *learner, const Device *device)
{
    g_autoptr(GError) error = NULL;
    guint slot = learner == NULL ? LEARNER_TAPS : find_ear(learner, 0);

    if (slot == LEARNER_TAPS || !capture_listen(learner->taps[slot], device->ifindex, &error))
        log_warning("no addresses are learned on %s: %s", device->ifname,
                    error != NULL ? error->message : "there are too many in the host's netns");
    else
        learner->heard[slot] = device->ifindex;
}

void learner_unhear(Learner *learner, guint32 ifindex)
{
    guint slot = learner == NULL ? LEARNER_TAPS : find_ear(learner, ifindex);

    if (slot == LEARNER_TAPS)
        return;
    capture_deafen(learner->taps[slot]);
    learner->heard[slot] = 0;
}

gboolean learner_is_running(const Learner *learner)
{
    return learner != NULL && learner->channel >= 0;
}

const Counters *learner_counters(const Learner *learner, guint32 ifindex)
{
    return learner == NULL ? NULL
                           : g_hash_table_lookup(learner->counters, GUINT_TO_POINTER(ifindex));
}
