/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * A subscribed rtnetlink socket as a source of the main loop.
 *
 * Its queue in the kernel is bounded, and a storm of changes (a routing daemon's, a thousand
 * containers') will overflow it: then the kernel says ENOBUFS, once, and the owner is told to dump
 * again. So memory does not grow here, and one turn of the main loop reads a bounded number of
 * messages, that no storm keeps others from being served.
 */
#include "netlink/monitor.h"

#include <errno.h>
#include <glib-unix.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#define BUFFER_SIZE 32768
#define QUEUE_SIZE (1024 * 1024)
#define DATAGRAMS_A_TURN 64

struct Monitor {
    struct mnl_socket *socket;
    GSource *source;
    MonitorCallbacks callbacks;
    void *data;
    union {
        struct nlmsghdr header;
        char buffer[BUFFER_SIZE];
    };
};

/* The callback for the hops of a route. */
typedef struct {
    Monitor *monitor;
    bool gone;
} Passing;

static void pass_hop(const Route *route, void *data)
{
    Passing *passing = data;

    passing->monitor->callbacks.route(route, passing->gone, passing->monitor->data);
}

/* False when the message is malformed, which is as bad as lost. */
static bool pass_link(Monitor *monitor, const struct nlmsghdr *message, bool gone)
{
    g_autoptr(Link) link = link_parse(message);

    if (!link)
        return errno == ENOMSG;
    monitor->callbacks.link(link, gone, monitor->data);
    return true;
}

static bool pass_address(Monitor *monitor, const struct nlmsghdr *message, bool gone)
{
    Address address;

    if (!address_parse(message, &address))
        return errno == ENOMSG;
    monitor->callbacks.address(&address, gone, monitor->data);
    return true;
}

static bool pass_route(Monitor *monitor, const struct nlmsghdr *message, bool gone)
{
    Passing passing = {.monitor = monitor, .gone = gone};

    return route_parse(message, pass_hop, &passing) || errno == ENOMSG;
}

static bool pass(Monitor *monitor, const struct nlmsghdr *message)
{
    switch (message->nlmsg_type) {
    case RTM_NEWLINK:
    case RTM_DELLINK:
        return pass_link(monitor, message, message->nlmsg_type == RTM_DELLINK);
    case RTM_NEWADDR:
    case RTM_DELADDR:
        return pass_address(monitor, message, message->nlmsg_type == RTM_DELADDR);
    case RTM_NEWROUTE:
    case RTM_DELROUTE:
        return pass_route(monitor, message, message->nlmsg_type == RTM_DELROUTE);
    default:
        return true;
    }
}

/* Reads one datagram. False when there is none. */
static bool read_datagram(Monitor *monitor)
{
    struct sockaddr_nl sender = {0};
    struct iovec iov = {.iov_base = monitor->buffer, .iov_len = sizeof monitor->buffer};
    struct msghdr envelope = {
        .msg_name = &sender, .msg_namelen = sizeof sender, .msg_iov = &iov, .msg_iovlen = 1};
    ssize_t n = recvmsg(mnl_socket_get_fd(monitor->socket), &envelope, MSG_DONTWAIT);
    const struct nlmsghdr *message = &monitor->header;
    bool whole = true;

    if (n < 0) {
        if (errno == EAGAIN)
            return false;
        if (errno != EINTR)
            monitor->callbacks.lost(monitor->data); /* ENOBUFS */
        return true;
    }
    if (envelope.msg_namelen != sizeof sender || sender.nl_pid != 0)
        return true; /* from a process: not the kernel's word */
    if (envelope.msg_flags & MSG_TRUNC)
        whole = false;
    for (int left = (int)n; whole && mnl_nlmsg_ok(message, left);
         message = mnl_nlmsg_next(message, &left))
        whole = pass(monitor, message);
    if (!whole)
        monitor->callbacks.lost(monitor->data);
    return true;
}

static gboolean on_readable(int fd, GIOCondition condition, void *data)
{
    for (unsigned i = 0; i < DATAGRAMS_A_TURN && read_datagram(data); i++)
        ;
    return G_SOURCE_CONTINUE;
}

static bool join(Monitor *monitor, int group)
{
    return mnl_socket_setsockopt(monitor->socket, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) ==
           0;
}

static bool join_all(Monitor *monitor)
{
    const MonitorCallbacks *callbacks = &monitor->callbacks;

    return (!callbacks->link || join(monitor, RTNLGRP_LINK)) &&
           (!callbacks->address ||
            (join(monitor, RTNLGRP_IPV4_IFADDR) && join(monitor, RTNLGRP_IPV6_IFADDR))) &&
           (!callbacks->route ||
            (join(monitor, RTNLGRP_IPV4_ROUTE) && join(monitor, RTNLGRP_IPV6_ROUTE)));
}

Monitor *monitor_new(const MonitorCallbacks *callbacks, void *data, GMainContext *context,
                     GError **error)
{
    g_autoptr(Monitor) monitor = g_new0(Monitor, 1);
    const int size = QUEUE_SIZE;
    int fd;

    g_assert(callbacks->lost);
    monitor->callbacks = *callbacks;
    monitor->data = data;
    monitor->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (!monitor->socket || mnl_socket_bind(monitor->socket, 0, MNL_SOCKET_AUTOPID) < 0)
        goto fail;
    fd = mnl_socket_get_fd(monitor->socket);
    /* Without privilege the queue is smaller, and lost() comes sooner. */
    if ((setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) < 0 &&
         setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size) < 0) ||
        !join_all(monitor))
        goto fail;
    monitor->source = g_unix_fd_source_new(fd, G_IO_IN);
    g_source_set_callback(monitor->source, G_SOURCE_FUNC(on_readable), monitor, NULL);
    g_source_attach(monitor->source, context);
    return g_steal_pointer(&monitor);

fail:
    g_set_error(error, RTNL_ERROR, errno, "cannot listen to rtnetlink: %s", g_strerror(errno));
    return NULL;
}

void monitor_free(Monitor *monitor)
{
    if (!monitor)
        return;
    if (monitor->source) {
        g_source_destroy(monitor->source);
        g_source_unref(monitor->source);
    }
    if (monitor->socket)
        mnl_socket_close(monitor->socket);
    g_free(monitor);
}
