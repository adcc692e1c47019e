/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The device number of a tap, from the kernel's uevent.
 *
 * A node under /dev cannot be trusted for this: it is named by an ifindex, two netns can have the
 * same one, and the later tap then shares the node of the earlier. The uevent is the kernel's
 * word about the device itself.
 *
 * Everybody's events reach this socket, and it is read only when a tap has been made; so its
 * filter lets nothing wait that is not the addition of a virtual network device or of a part of
 * one. The filter was there before the socket joined its group: nothing can be queued unfiltered.
 */
#include "netlink/uevent.h"

#include "netlink/rtnl.h"

#include <errno.h>
#include <linux/filter.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define KERNEL_GROUP 1 /* as a mask; group 2 is udev's own */
#define QUEUE_SIZE (4 * 1024 * 1024)
#define MESSAGE_SIZE 8192 /* UEVENT_BUFFER_SIZE is 2,048, and the path is in front of it */
#define MAJOR_MAX 0xfff   /* include/linux/kdev_t.h: 12 bits and 20 */
#define MINOR_MAX 0xfffff

struct Uevents {
    int socket;
};

/* Continues when the four bytes at `offset` are `a b c d`, else skips `distance` instructions. */
#define MATCH(offset, a, b, c, d, distance)                                                        \
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset),                                                    \
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,                                                        \
                 (guint32)(a) << 24 | (guint32)(b) << 16 | (guint32)(c) << 8 | (guint32)(d), 0,    \
                 distance)

static bool attach_filter(int socket)
{
    /* A message too short for a load is refused as well. */
    struct sock_filter code[] = {
        MATCH(0, 'a', 'd', 'd', '@', 11),       MATCH(4, '/', 'd', 'e', 'v', 9),
        MATCH(8, 'i', 'c', 'e', 's', 7),        MATCH(12, '/', 'v', 'i', 'r', 5),
        MATCH(16, 't', 'u', 'a', 'l', 3),       MATCH(20, '/', 'n', 'e', 't', 1),
        BPF_STMT(BPF_RET | BPF_K, G_MAXUINT32), BPF_STMT(BPF_RET | BPF_K, 0),
    };
    const struct sock_fprog program = {.len = G_N_ELEMENTS(code), .filter = code};

    return setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0;
}

Uevents *uevents_new(GError **error)
{
    const struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = KERNEL_GROUP};
    g_autoptr(Uevents) uevents = g_new0(Uevents, 1);
    const int size = QUEUE_SIZE;

    uevents->socket =
        socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
    /* The smaller buffer that a user without privilege gets is enough for a few taps at a time. */
    if (uevents->socket < 0 || !attach_filter(uevents->socket) ||
        (setsockopt(uevents->socket, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) < 0 &&
         setsockopt(uevents->socket, SOL_SOCKET, SO_RCVBUF, &size, sizeof size) < 0) ||
        bind(uevents->socket, (const struct sockaddr *)&address, sizeof address) < 0) {
        g_set_error(error, RTNL_ERROR, errno, "cannot listen to the kernel's uevents: %s",
                    g_strerror(errno));
        return NULL;
    }
    return g_steal_pointer(&uevents);
}

void uevents_free(Uevents *uevents)
{
    if (!uevents)
        return;
    if (uevents->socket >= 0)
        close(uevents->socket);
    g_free(uevents);
}

/* Whether the message is the kernel's own: processes may send here too, under their port id. */
static bool from_kernel(const struct msghdr *message, const struct sockaddr_nl *sender)
{
    return message->msg_namelen == sizeof *sender && sender->nl_family == AF_NETLINK &&
           sender->nl_pid == 0 && sender->nl_groups == KERNEL_GROUP;
}

bool uevents_find_tap(Uevents *uevents, guint32 ifindex, dev_t *devicep, GError **error)
{
    int reason = ENOENT;

    for (;;) {
        char text[MESSAGE_SIZE];
        struct sockaddr_nl sender = {0};
        struct iovec iov = {.iov_base = text, .iov_len = sizeof text};
        struct msghdr message = {
            .msg_name = &sender, .msg_namelen = sizeof sender, .msg_iov = &iov, .msg_iovlen = 1};
        ssize_t n = recvmsg(uevents->socket, &message, 0);
        guint32 found;
        dev_t device;

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == ENOBUFS) { /* ours may be among the events that were kept */
            reason = ENOBUFS;
            continue;
        }
        if (n < 0) {
            if (errno != EAGAIN)
                reason = errno;
            g_set_error(error, RTNL_ERROR, reason, "no device number for tap%u: %s", ifindex,
                        reason == ENOENT    ? "the kernel sent no event for it"
                        : reason == ENOBUFS ? "events of the kernel were lost"
                                            : g_strerror(reason));
            return false;
        }
        if (!(message.msg_flags & MSG_TRUNC) && from_kernel(&message, &sender) &&
            uevent_parse_tap(text, (size_t)n, &found, &device) && found == ifindex) {
            *devicep = device;
            return true;
        }
    }
}

/* The one spelling of a decimal number that the kernel uses, in min to max. */
static bool parse_number(const char *text, guint64 min, guint64 max, guint64 *valuep)
{
    return (text[0] != '0' || text[1] == '\0') &&
           g_ascii_string_to_unsigned(text, 10, min, max, valuep, NULL);
}

/* The value when `string` is `key` and a value, else NULL. */
static const char *value_of(const char *string, const char *key)
{
    return g_str_has_prefix(string, key) ? string + strlen(key) : NULL;
}

bool uevent_parse_tap(const char *message, size_t size, guint32 *ifindexp, dev_t *devicep)
{
    guint64 ifindex = 0, major_number = 0, minor_number = 0;
    /* Each of these must be there, once. */
    enum {
        ACTION = 1,
        SUBSYSTEM = 2,
        NAME = 4,
        MAJOR = 8,
        MINOR = 16,
        ALL = 31
    };
    int seen = 0;

    /* Every string ends inside the message when the last one does. */
    if (size == 0 || message[size - 1] != '\0' || !value_of(message, "add@"))
        return false;
    for (const char *string = message, *end = message + size; string < end;
         string += strlen(string) + 1) {
        const char *value;
        int key;

        if ((value = value_of(string, "ACTION="))) {
            key = ACTION;
            if (!g_str_equal(value, "add"))
                return false;
        } else if ((value = value_of(string, "SUBSYSTEM="))) {
            key = SUBSYSTEM;
            if (!g_str_equal(value, "ipvtap") && !g_str_equal(value, "macvtap"))
                return false;
        } else if ((value = value_of(string, "DEVNAME="))) {
            key = NAME;
            value = value_of(value, "tap");
            if (!value || !parse_number(value, 1, G_MAXINT32, &ifindex))
                return false;
        } else if ((value = value_of(string, "MAJOR="))) {
            key = MAJOR;
            if (!parse_number(value, 1, MAJOR_MAX, &major_number))
                return false;
        } else if ((value = value_of(string, "MINOR="))) {
            key = MINOR;
            if (!parse_number(value, 0, MINOR_MAX, &minor_number))
                return false;
        } else {
            continue;
        }
        if (seen & key)
            return false;
        seen |= key;
    }
    if (seen != ALL)
        return false;
    *ifindexp = (guint32)ifindex;
    *devicep = makedev((unsigned)major_number, (unsigned)minor_number);
    return true;
}
