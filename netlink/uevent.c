/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * A message is `add@/devices/…` and then KEY=value strings, each with its NUL. udevd sends messages
 * of its own on another group of the same family; only what the kernel itself sent (port 0) counts.
 */
#include "netlink/uevent.h"

#include "netlink/rtnl.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define KERNEL_GROUP 1
#define BUFFER_SIZE (4 << 20)
#define MESSAGE_SIZE 8192 /* UEVENT_BUFFER_SIZE is 2,048; the header comes on top */

struct Uevents {
    int fd;
};

static gboolean fail(GError **error, const char *what)
{
    g_set_error(error, RTNL_ERROR, errno, "%s: %s", what, g_strerror(errno));
    return FALSE;
}

/* Passes what begins with `add@`. */
static gboolean filter_additions(int fd)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x61646440 /* add@ */, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
        BPF_STMT(BPF_RET | BPF_K, 0),
    };
    const struct sock_fprog program = {G_N_ELEMENTS(code), code};

    return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) == 0;
}

Uevents *uevents_new(GError **error)
{
    const struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = KERNEL_GROUP};
    int size = BUFFER_SIZE;
    int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);

    if (fd < 0) {
        fail(error, "cannot open a uevent socket");
        return NULL;
    }
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
    if (!filter_additions(fd) || bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
        fail(error, "cannot set up a uevent socket");
        close(fd);
        return NULL;
    }
    Uevents *uevents = g_new0(Uevents, 1);
    uevents->fd = fd;
    return uevents;
}

void uevents_free(Uevents *uevents)
{
    close(uevents->fd);
    g_free(uevents);
}

static gboolean parse_number(const char *text, guint64 max, guint *valuep)
{
    guint64 value;

    if (!g_ascii_string_to_unsigned(text, 10, 0, max, &value, NULL))
        return FALSE;
    *valuep = (guint)value;
    return TRUE;
}

bool uevent_parse_tap(const char *message, size_t size, guint32 *ifindexp, dev_t *devicep)
{
    guint ifindex = 0, major_number = 0, minor_number = 0;
    gboolean is_tap = FALSE, has_minor = FALSE;

    if (size == 0 || message[size - 1] != '\0' || !g_str_has_prefix(message, "add@"))
        return FALSE;
    for (const char *at = message, *end = message + size; at < end; at += strlen(at) + 1) {
        if (g_str_equal(at, "SUBSYSTEM=ipvtap") || g_str_equal(at, "SUBSYSTEM=macvtap"))
            is_tap = TRUE;
        else if (g_str_has_prefix(at, "DEVNAME=tap"))
            parse_number(at + strlen("DEVNAME=tap"), G_MAXINT32, &ifindex);
        else if (g_str_has_prefix(at, "MAJOR="))
            parse_number(at + strlen("MAJOR="), 0xfff, &major_number);
        else if (g_str_has_prefix(at, "MINOR="))
            has_minor = parse_number(at + strlen("MINOR="), 0xfffff, &minor_number);
    }
    *ifindexp = ifindex;
    *devicep = makedev(major_number, minor_number);
    return is_tap && ifindex > 0 && major_number > 0 && has_minor;
}

/* Returns the size of one message of the kernel's, 0 when it is somebody else's. */
static ssize_t receive(int fd, char *buffer, size_t size)
{
    struct sockaddr_nl sender = {0};
    struct iovec iov = {buffer, size};
    struct msghdr message = {
        .msg_name = &sender, .msg_namelen = sizeof(sender), .msg_iov = &iov, .msg_iovlen = 1};
    ssize_t received;

    do
        received = recvmsg(fd, &message, 0);
    while (received < 0 && errno == EINTR);
    if (received >= 0 && (sender.nl_pid != 0 || (message.msg_flags & MSG_TRUNC) != 0))
        return 0;
    return received;
}

bool uevents_find_tap(Uevents *uevents, guint32 ifindex, dev_t *devicep, GError **error)
{
    char buffer[MESSAGE_SIZE];
    ssize_t size;

    while ((size = receive(uevents->fd, buffer, sizeof(buffer))) >= 0) {
        guint32 found;

        if (uevent_parse_tap(buffer, (size_t)size, &found, devicep) && found == ifindex)
            return true;
    }
    if (errno == EAGAIN)
        errno = ENOENT;
    g_set_error(error, RTNL_ERROR, errno, "no uevent came for the tap with ifindex %u: %s", ifindex,
                g_strerror(errno));
    return false;
}
