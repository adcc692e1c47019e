/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * A network card for the command: a tap device whose other end is a descriptor of ours. Of all
 * functions: on false an error was written.
 */
#pragma once

#include "helper/client.h"

#include <stdbool.h>

typedef struct {
    int fd; /* non-blocking, close-on-exec */
    char ifname[DEVICE_IFNAME_SIZE];
    unsigned ifindex; /* in its network namespace */
} Card;

/* Makes a card in this network namespace, with the MAC and MTU of the device, lets both take the
 * same large frames, and switches it on. The namespace lasts at least as long as its descriptor. */
bool card_make(Card *card, const ClientDevice *device, unsigned number);
