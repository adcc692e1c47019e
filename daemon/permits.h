/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Whether the present policy still allows a device that was made under an earlier one. A guest
 * keeps its device all the same: taking it away is `revoke`, and somebody's decision.
 *
 * A device is judged by the credentials of the request that made it. They are not in the kernel,
 * so after a restart only its owner's uid is known; then each group that an `allow` names counts as
 * met, and each that a `deny` names as not met, since nobody loses his guests by a restart.
 */
#pragma once

#include "daemon/credentials.h"
#include "daemon/device.h"
#include "policy/policy.h"

typedef struct Permits Permits;

Permits *permits_new(void);
void permits_free(Permits *permits);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Permits, permits_free)

/* Who asked for the device. */
void permits_keep(Permits *permits, guint32 ifindex, const Credentials *credentials);
/* The device has gone. */
void permits_forget(Permits *permits, guint32 ifindex);

/* As it was judged last; a device that never was is permitted. */
gboolean permits_has(const Permits *permits, guint32 ifindex);

/* Judges it anew. `parent` is the interface it stands on, NULL when not known: a network that has
 * another one now does not permit it. TRUE when the answer is another than before. */
gboolean permits_judge(Permits *permits, const Policy *policy, const Device *device,
                       const char *parent);
