/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * A device's MAC. An ipvtap has its parent's, and what its guest may use instead is told by the
 * daemon and nothing that we could set: with mac=translate the guest just uses it. A macvtap has
 * one of its own that the holder of its descriptor may change, without any capability, and gets
 * the daemon's stable one if its user has named it, since a name says that it will come back. So
 * there is one place that makes up MACs, the daemon.
 */
#include "helper/devices.h"
#include "helper/program.h"
#include "helper/ucspi.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static bool has_hwaddr(int fd, const uint8_t hwaddr[static HWADDR_SIZE])
{
    struct ifreq request = {0};

    return ioctl(fd, SIOCGIFHWADDR, &request) == 0 &&
           memcmp(request.ifr_hwaddr.sa_data, hwaddr, HWADDR_SIZE) == 0;
}

/* True, and the reply says so, when the device has that MAC now. */
static bool set_hwaddr(ClientDevice *device, const uint8_t hwaddr[static HWADDR_SIZE])
{
    struct ifreq request = {.ifr_hwaddr.sa_family = ARPHRD_ETHER};
    char text[HWADDR_TEXT_SIZE];

    memcpy(request.ifr_hwaddr.sa_data, hwaddr, HWADDR_SIZE);
    if (ioctl(device->fds[0], SIOCSIFHWADDR, &request) == 0) {
        memcpy(device->reply.hwaddr, hwaddr, HWADDR_SIZE);
        return true;
    }
    hwaddr_format(hwaddr, text);
    if (errno == EOPNOTSUPP)
        program_error(ONTAP_PROGRAM,
                      "network %s leaves no choice of a MAC (mac=parent): drop --mac=%s",
                      device->reply.network, text);
    else if (errno == EADDRINUSE || errno == EBUSY)
        program_error(ONTAP_PROGRAM,
                      "the MAC %s is in use on network %s: choose another by --mac= or name "
                      "(ontapctl list shows devices)",
                      text, device->reply.network);
    else
        program_error(ONTAP_PROGRAM, "cannot give the device %s the MAC %s: %s", device->reply.name,
                      text, strerror(errno));
    return false;
}

static bool choose_hwaddr(ClientDevice *device, const Wish *wish)
{
    Reply *reply = &device->reply;

    if (!wish->has_hwaddr)
        return !reply->has_stable || !*wish->request.name || set_hwaddr(device, reply->stable);
    if (memcmp(reply->hwaddr, wish->hwaddr, HWADDR_SIZE) == 0)
        return true;
    if (has_hwaddr(device->fds[0], reply->hwaddr))
        return set_hwaddr(device, wish->hwaddr);
    memcpy(reply->hwaddr, wish->hwaddr, HWADDR_SIZE); /* it is translated, so any will do */
    return true;
}

static bool request_one(ClientDevice *device, const Options *options, const Wish *wish)
{
    char error[CLIENT_ERROR_SIZE];
    Request request = wish->request;
    bool ok;

    if (options->netns)
        request.queues = 1, request.queues_least = 0;
    if (options->ucspi)
        ok = client_request_device_over(device, UCSPI_INPUT, UCSPI_OUTPUT, &request, error);
    else
        ok = client_request_device(device, connection_path(options->socket), &request, error);
    if (!ok)
        program_error(ONTAP_PROGRAM, "%s", error);
    return ok && choose_hwaddr(device, wish);
}

bool devices_request(ClientDevice *devices, const Options *options)
{
    if (options->ucspi && !ucspi_check())
        return false;
    for (size_t i = 0; i < options->n_wishes; i++)
        if (!request_one(&devices[i], options, &options->wishes[i]))
            return false;
    if (options->ucspi)
        ucspi_close();
    return true;
}

/* Moves `*fdp` down to the lowest free number from 3 on, if that is lower, and lets the command
 * inherit it. */
static bool settle_fd(int *fdp)
{
    int settled = fcntl(*fdp, F_DUPFD, STDERR_FILENO + 1);

    if (settled >= 0 && settled < *fdp) {
        close(*fdp);
        *fdp = settled;
        return true;
    }
    if (settled >= 0)
        close(settled);
    return fcntl(*fdp, F_SETFD, 0) == 0;
}

bool devices_inherit(ClientDevice *devices, size_t n)
{
    for (ClientDevice *device = devices; device < devices + n; device++) {
        for (size_t i = 0; i < device->n_fds; i++) {
            if (settle_fd(&device->fds[i]))
                continue;
            program_error(ONTAP_PROGRAM, "cannot pass descriptor %d on: %s", device->fds[i],
                          strerror(errno));
            return false;
        }
    }
    return true;
}
