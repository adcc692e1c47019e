/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Who administers a network namespace can do what he likes with an ipvlan in it, also take the
 * host's address. So an ordinary user's command gets a tap device, which is nothing to the host,
 * and its frames go through the ipvtap that the user may have anyway: same policy, same guard, and
 * the daemon learns the addresses from what passes.
 *
 *     COMMAND ── eth0 ══ ontap-pump ══ ipvtap ── LAN
 *
 * We become the command, and are no parent that would pass signals on and wait. So the pump looks
 * at the process that we are, and ends when that does, whatever else is left in the namespace: a
 * DHCP client that stayed in the background must not keep the device for ever.
 */
#include "helper/netns.h"
#include "helper/card.h"
#include "helper/interface.h"
#include "helper/mounts.h"
#include "helper/options.h"
#include "helper/pump-process.h"
#include "helper/userns.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

static bool enter(const char *hostname)
{
    if (!userns_enter())
        return false;
    if (unshare(CLONE_NEWNET | CLONE_NEWNS | (hostname ? CLONE_NEWUTS : 0)) < 0)
        return userns_fail("make a network namespace", errno);
    if (hostname && sethostname(hostname, strlen(hostname)) < 0)
        return userns_fail("set the host name", errno);
    if (!mounts_make())
        return userns_fail("keep mounts apart from the host's", errno);
    return interface_up("lo") || userns_fail("bring the loopback up", errno);
}

static void settle(ClientDevice *device, Card *card)
{
    close(card->fd);
    for (size_t i = 0; i < device->n_fds; i++)
        close(device->fds[i]);
    device->n_fds = 0;
    strcpy(device->reply.ifname, card->ifname);
    device->reply.ifindex = card->ifindex;
}

bool netns_enter(ClientDevice *devices, size_t n, const char *hostname)
{
    Card cards[OPTIONS_DEVICES_MAX];
    PumpPair pairs[OPTIONS_DEVICES_MAX];

    if (!enter(hostname))
        return false;
    for (unsigned i = 0; i < n; i++) {
        if (!card_make(&cards[i], &devices[i], i))
            return false;
        pairs[i] = (PumpPair){.device = devices[i].fds[0], .card = cards[i].fd};
    }
    if (!pump_process_start(pairs, n))
        return false;
    for (size_t i = 0; i < n; i++)
        settle(&devices[i], &cards[i]);
    return true;
}
