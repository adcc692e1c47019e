/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The devices of one command: getting them, and passing them on. Of all functions: on false an
 * error was written.
 */
#pragma once

#include "helper/client.h"
#include "helper/options.h"

/* Asks for every device that is wished for, in that order, and gives each its MAC. `devices` has
 * room for options->n_wishes. */
bool devices_request(ClientDevice *devices, const Options *options);

/* Lets the command inherit all descriptors, at the lowest free numbers from 3 on. */
bool devices_inherit(ClientDevice *devices, size_t n);
