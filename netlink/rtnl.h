/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * One rtnetlink(7) socket and the request-and-acknowledge exchange over it. A socket belongs for
 * ever to the netns that its thread was in when it was opened.
 *
 * Errors are in the domain RTNL_ERROR with the kernel's errno (positive) as the code; the message
 * ends with the kernel's own explanation (the extended acknowledgement) where it gave one.
 */
#pragma once

#include <glib.h>
#include <libmnl/libmnl.h>
#include <stdbool.h>

#define RTNL_ERROR (rtnl_error_quark())
GQuark rtnl_error_quark(void);

typedef struct Rtnl Rtnl;

Rtnl *rtnl_new(GError **error);
void rtnl_free(Rtnl *rtnl);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Rtnl, rtnl_free)

/* Sends a request, to which a sequence number and NLM_F_ACK are added, and waits for the kernel's
 * word on it. `what` starts the error message: "cannot create ontap7". */
bool rtnl_request(Rtnl *rtnl, struct nlmsghdr *message, const char *what, GError **error);

/* The same for a request that has an answer: `callback` (libmnl's convention) is called for it. */
bool rtnl_query(Rtnl *rtnl, struct nlmsghdr *message, mnl_cb_t callback, void *data,
                const char *what, GError **error);

/* Sends a dump request and calls `callback` (libmnl's convention) for each answer. A dump that the
 * kernel marked as interrupted (NLM_F_DUMP_INTR) starts again after `restart(data)`, at most a
 * handful of times. */
bool rtnl_dump(Rtnl *rtnl, struct nlmsghdr *message, mnl_cb_t callback, void (*restart)(void *data),
               void *data, const char *what, GError **error);
