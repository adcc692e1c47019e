/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Watches the host's netns for the sake of the devices that live there: that none of their
 * addresses becomes one of the host's, and that their end, and that of an address, is noticed.
 */
#pragma once

#include "daemon/service.h"

/* Called in the host's netns. */
gboolean lodgers_watch(Service *service, GError **error);

/* The devices of an earlier daemon are known, and have their programs. */
void lodgers_restore(Service *service);

/* Messages about the host were lost: looks for routes that nobody was told of. */
void lodgers_refresh(Service *service);
