/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "daemon/capture.h"

#include "daemon/log.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#define CAPTURE_BUFFER (1 << 20)
/* A bound packet socket cannot be unbound, but bound to where nothing ever comes: a protocol that
 * is reserved (RFC 1701), on the loopback. */
#define NO_PROTOCOL 0xffff
#define LOOPBACK 1

static gboolean fail(GError **error, const char *what)
{
    g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno), "cannot %s: %s", what,
                g_strerror(errno));
    return FALSE;
}

static gboolean lock_filter(int fd, Filter *filter, GError **error)
{
    const struct sock_fprog program = filter_program(filter);
    int on = 1;

    return (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) == 0 &&
            setsockopt(fd, SOL_SOCKET, SO_LOCK_FILTER, &on, sizeof(on)) == 0) ||
           fail(error, "filter a packet socket");
}

int capture_open(Filter *filter, GError **error)
{
    int size = CAPTURE_BUFFER;
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

    if (fd < 0) {
        fail(error, "open a packet socket");
        return -1;
    }
    /* The usual bound (rmem_max) holds some 500 frames, which a guest may send in two seconds. */
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
    if (lock_filter(fd, filter, error))
        return fd;
    close(fd);
    return -1;
}

gboolean capture_listen(int fd, guint32 ifindex, GError **error)
{
    const struct sockaddr_ll address = {
        .sll_family = AF_PACKET,
        .sll_protocol = htons(ETH_P_ALL),
        .sll_ifindex = (int)ifindex,
    };

    return bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 ||
           fail(error, "listen to an interface");
}

void capture_deafen(int fd)
{
    const struct sockaddr_ll address = {
        .sll_family = AF_PACKET,
        .sll_protocol = htons(NO_PROTOCOL),
        .sll_ifindex = LOOPBACK,
    };

    if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
        log_debug("cannot stop to listen to an interface: %s", g_strerror(errno));
}
