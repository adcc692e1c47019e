/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * A new policy under a running daemon. From the moment of the exchange requests are decided by the
 * new one. For what is there already:
 *
 *  - A device stays with its guest, whatever the policy says now; it is listed as not permitted,
 *    and `revoke` takes it away. Its own limits, its MAC translation and its guard are those with
 *    which it was made.
 *  - An address that the network's new only= or except= forbids is taken away at once, as a restart
 *    would do. On a network that is no longer in the policy a guest keeps and renews what it has,
 *    and gets no more.
 *  - A parent that is new is followed from now on. One that no network names is followed for as
 *    long as devices stand on it.
 *  - The kernel has one ipvlan mode for a parent. Another mode= becomes true for all devices there
 *    with the next one that is made; that is announced in the log.
 */
#pragma once

#include "daemon/service.h"

/* Puts `policy` in the place of the present one; takes a reference. Whoever keeps a pointer into a
 * policy over a turn of the main loop keeps a reference too. Returns how many devices are not
 * permitted. */
guint reload_policy(Service *service, Policy *policy);

/* Judges all devices again, and tells whose answer has changed. Returns how many are not
 * permitted. */
guint reload_review(Service *service);
