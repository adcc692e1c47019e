/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * `ontap --netns`: ontap(1), NAMESPACES.
 */
#pragma once

#include "helper/client.h"

#include <stdbool.h>

/* Puts this process, which must have one thread, into a user, network and mount namespace of its
 * own, with `hostname` (or NULL) also one of host names, where each of the `n` devices is a network
 * card, and starts the process that carries their frames. The devices' descriptors are closed here;
 * their replies tell the cards' names then. On false an error was written, and the process is good
 * for nothing but to end. */
bool netns_enter(ClientDevice *devices, size_t n, const char *hostname);
