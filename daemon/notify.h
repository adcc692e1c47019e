/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * What a service manager is told (sd_notify(3)): that the daemon is ready, that it is stopping, and
 * now and then that its main loop still turns.
 */
#pragma once

#include <glib.h>

/* Connects to the socket that $NOTIFY_SOCKET names and forgets the variable. Without one, and after
 * a failure, which is logged, what follows does nothing. */
void notify_open(void);

/* Ready; from now on the watchdog is fed from the default main context, if it asks to be. */
void notify_ready(void);
void notify_stopping(void);
void notify_close(void);
