/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * PACKET_QDISC_BYPASS, so that the frame does not pass the tap's own egress program, which would
 * take it for the guest's. Into guests three kinds of frame are sent: a DHCP reply that came before
 * its address was bound, and the questions whether a guest still uses an address, by ARP or by
 * neighbour solicitation.
 */
#include "daemon/inject.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Where each kind of frame says whom it is for, in bytes from its start. */
#define IPV4_DESTINATION 30
#define ARP_TARGET 38
#define ND_TARGET 62
#define ARP_SIZE 42
#define IPV4_SIZE 34
#define ND_PROBE_SIZE 78

static gboolean fail(GError **error, const char *what)
{
    g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno), "%s: %s", what,
                g_strerror(errno));
    return FALSE;
}

int inject_open(GError **error)
{
    int on = 1;
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0) {
        fail(error, "cannot open a packet socket");
        return -1;
    }
    if (setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof(on)) < 0) {
        fail(error, "cannot set PACKET_QDISC_BYPASS");
        close(fd);
        return -1;
    }
    return fd;
}

static gboolean has_ip(const guint8 *frame, gsize size, gsize at, const IpAddress *ip)
{
    gsize bytes = ip_size(ip->family);

    return size >= at + bytes && memcmp(frame + at, ip->bytes, bytes) == 0;
}

/* Only what ipvlan will find the guest by: what it does not find it gives to the host's own stack.
 */
static gboolean is_for(const guint8 *frame, gsize size, const IpAddress *ip)
{
    static const guint8 unspecified[16];

    switch (frame[12] << 8 | frame[13]) {
    case ETH_P_ARP:
        return ip->family == AF_INET && size >= ARP_SIZE && has_ip(frame, size, ARP_TARGET, ip);
    case ETH_P_IP:
        return ip->family == AF_INET && size >= IPV4_SIZE && frame[14] >> 4 == 4 &&
               (frame[14] & 0xf) >= 5 && has_ip(frame, size, IPV4_DESTINATION, ip);
    case ETH_P_IPV6: /* nothing but the probe for a duplicate (RFC 4862) */
        return ip->family == AF_INET6 && size == ND_PROBE_SIZE && frame[14] >> 4 == 6 &&
               frame[20] == IPPROTO_ICMPV6 &&
               memcmp(frame + 22, unspecified, sizeof(unspecified)) == 0 && frame[54] == 135 &&
               has_ip(frame, size, ND_TARGET, ip);
    default:
        return FALSE;
    }
}

static gboolean send_through(int socket, guint32 ifindex, const guint8 *frame, gsize size,
                             GError **error)
{
    struct sockaddr_ll address = {
        .sll_family = AF_PACKET,
        .sll_ifindex = (int)ifindex,
        .sll_halen = HWADDR_SIZE,
    };

    memcpy(address.sll_addr, frame, HWADDR_SIZE);
    memcpy(&address.sll_protocol, frame + 12, sizeof(address.sll_protocol));
    return sendto(socket, frame, size, 0, (const struct sockaddr *)&address, sizeof(address)) >=
               0 ||
           fail(error, "cannot send a frame through a tap");
}

gboolean inject_send(int socket, guint32 ifindex, const guint8 hwaddr[static HWADDR_SIZE],
                     const IpAddress *ip, const guint8 *frame, gsize size, GError **error)
{
    if (size < ETH_HLEN || memcmp(frame, hwaddr, HWADDR_SIZE) != 0 ||
        memcmp(frame + HWADDR_SIZE, hwaddr, HWADDR_SIZE) != 0 || !is_for(frame, size, ip)) {
        g_set_error_literal(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                            "the learner wants to send a frame that is not for its guest");
        return FALSE;
    }
    return send_through(socket, ifindex, frame, size, error);
}

gboolean inject_to_all(int socket, guint32 ifindex, const guint8 *frame, gsize size, GError **error)
{
    g_assert(size >= ETH_HLEN && (frame[0] & 1) != 0);
    return send_through(socket, ifindex, frame, size, error);
}
