/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Both devices carry a virtio header before each frame, which says where a checksum is still to be
 * made and that a frame is to be cut into segments. Since both have the same, of the same size, it
 * is passed on as it is, and TCP moves 64 KB at a time all the way through. For that each device
 * must be told what its reader can take (TUNSETOFFLOAD), and both the same: what one hands out the
 * other has to accept.
 */
#include "helper/card.h"
#include "helper/interface.h"
#include "helper/options.h"
#include "helper/program.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#ifndef TUN_F_USO4 /* from Linux 6.2 on */
#define TUN_F_USO4 0x20
#define TUN_F_USO6 0x40
#endif

static bool fail(const char *step)
{
    program_error(ONTAP_PROGRAM, "--netns: cannot %s: %s", step, strerror(errno));
    return false;
}

static bool open_card(Card *card)
{
    struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR};

    card->fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (card->fd < 0 && errno == EACCES)
        program_error(ONTAP_PROGRAM,
                      "--netns: /dev/net/tun may not be opened by this user (it usually has mode "
                      "0666)");
    else if (card->fd < 0)
        program_error(ONTAP_PROGRAM, "--netns: cannot open /dev/net/tun: %s (modprobe tun)",
                      strerror(errno));
    if (card->fd < 0)
        return false;
    strcpy(request.ifr_name, card->ifname);
    return ioctl(card->fd, TUNSETIFF, &request) == 0 || fail("make a tap device");
}

/* The largest set that both know: an older kernel lacks the last two. */
static bool agree_on_frames(int card, int device)
{
    static const unsigned sets[] = {
        TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN | TUN_F_USO4 | TUN_F_USO6,
        TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN,
        0,
    };
    const int header_size = sizeof(struct virtio_net_hdr);

    if (ioctl(card, TUNSETVNETHDRSZ, &header_size) < 0 ||
        ioctl(device, TUNSETVNETHDRSZ, &header_size) < 0)
        return fail("set the size of the virtio header");
    for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++)
        if (ioctl(card, TUNSETOFFLOAD, sets[i]) == 0 && ioctl(device, TUNSETOFFLOAD, sets[i]) == 0)
            return true;
    return fail("set the offloads");
}

static bool set_properties(const Card *card, const Reply *reply)
{
    struct ifreq request = {.ifr_hwaddr.sa_family = ARPHRD_ETHER};

    strcpy(request.ifr_name, card->ifname);
    memcpy(request.ifr_hwaddr.sa_data, reply->hwaddr, HWADDR_SIZE);
    if (!interface_ioctl(SIOCSIFHWADDR, &request))
        return fail("set the MAC of a tap device");
    request.ifr_mtu = (int)reply->mtu;
    return interface_ioctl(SIOCSIFMTU, &request) || fail("set the MTU of a tap device");
}

bool card_make(Card *card, const ClientDevice *device, unsigned number)
{
    snprintf(card->ifname, sizeof(card->ifname), "eth%u", number);
    if (!open_card(card))
        return false;
    card->ifindex = if_nametoindex(card->ifname);
    return agree_on_frames(card->fd, device->fds[0]) && set_properties(card, &device->reply) &&
           (interface_up(card->ifname) || fail("switch a tap device on"));
}
