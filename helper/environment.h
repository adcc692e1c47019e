/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * What the command finds in its environment: ontap(1), ENVIRONMENT.
 */
#pragma once

#include "helper/client.h"

/* Tells of `n` devices, and of nothing that another ontap around us had told. A device without
 * descriptors (n_fds 0) has no ONTAP_FDS. On false an error was written. */
bool environment_set(const ClientDevice *devices, size_t n);
