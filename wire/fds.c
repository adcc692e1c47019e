/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * SCM_RIGHTS in one place, since each of its corners leaks: descriptors arrive even when nobody
 * looked for them, a truncated control message still installs those that fitted, and without
 * MSG_CMSG_CLOEXEC a fork in between inherits them.
 */
#include "wire/fds.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/* The union gives the buffer the alignment that cmsg(3) asks for. What other control messages a
 * socket option may have switched on (SCM_CREDENTIALS, SCM_SECURITY) must not push descriptors
 * out, so the receiver has room to spare. */
typedef union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(FDS_MAX * sizeof(int)) + 512];
} Control;

ssize_t fds_send(int socket, const void *data, size_t size, const int *fds, size_t n)
{
    struct iovec iov = {.iov_base = (void *)data, .iov_len = size};
    struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};
    Control control;
    ssize_t sent;

    if (size == 0 || n > FDS_MAX)
        return -EINVAL;
    if (n > 0) {
        struct cmsghdr *header;

        memset(&control, 0, CMSG_SPACE(n * sizeof(int)));
        message.msg_control = &control;
        message.msg_controllen = CMSG_SPACE(n * sizeof(int));
        header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(n * sizeof(int));
        memcpy(CMSG_DATA(header), fds, n * sizeof(int));
    }

    do {
        sent = sendmsg(socket, &message, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : sent;
}

/* The descriptors of a whole message; the kernel installs no more than the control buffer holds. */
typedef struct {
    int fds[sizeof(Control) / sizeof(int)];
    size_t n;
} Arrived;

static void collect(struct msghdr *message, Arrived *arrived)
{
    arrived->n = 0;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header;
         header = CMSG_NXTHDR(message, header)) {
        size_t n;

        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
            continue;
        n = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        memcpy(arrived->fds + arrived->n, CMSG_DATA(header), n * sizeof(int));
        arrived->n += n;
    }
}

ssize_t fds_receive(int socket, void *data, size_t size, int *fds, size_t *np, size_t max)
{
    struct iovec iov = {.iov_base = data, .iov_len = size};
    Control control;
    struct msghdr message = {.msg_iov = &iov,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof(control)};
    Arrived arrived;
    ssize_t received;

    do {
        received = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    } while (received < 0 && errno == EINTR);
    if (received < 0)
        return -errno;

    collect(&message, &arrived);
    if ((message.msg_flags & MSG_CTRUNC) || arrived.n > max - *np) {
        for (size_t i = 0; i < arrived.n; i++)
            close(arrived.fds[i]);
        return -EMSGSIZE;
    }
    if (arrived.n > 0) {
        memcpy(fds + *np, arrived.fds, arrived.n * sizeof(int));
        *np += arrived.n;
    }
    return received;
}
