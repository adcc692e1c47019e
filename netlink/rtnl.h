/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * One rtnetlink(7) socket and the request-and-acknowledge exchange over it. A socket belongs for
 * ever to the netns that its thread was in when it was opened.
 *
 * Errors are in the domain RTNL_ERROR with the kernel's errno (positive) as the code; the message
 * ends with the kernel's own explanation (the extended acknowledgement) where it gave one:
 * "cannot create ontap7: Device or resource busy: Device is already a bridge port".
 * An answer that was lost is ENOBUFS or, when the kernel stays silent for seconds, ETIMEDOUT; then
 * it is not known whether the request took effect (rtnl_answer_lost()).
 */
#pragma once

#include <glib.h>
#include <libmnl/libmnl.h>

#define RTNL_ERROR (rtnl_error_quark())
GQuark rtnl_error_quark(void);

/* Whether it may be that. (A kernel that says ENOBUFS itself has not done what it was asked.) */
bool rtnl_answer_lost(const GError *error);

typedef struct Rtnl Rtnl;

Rtnl *rtnl_new(GError **error);
/* The same exchange with generic netlink (NETLINK_GENERIC): see wireless.h. */
Rtnl *rtnl_new_generic(GError **error);
void rtnl_free(Rtnl *rtnl);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Rtnl, rtnl_free)

/* A request under construction: a header, a fixed structure of the family's, then attributes.
 * Large enough for every request of this folder; the attributes are bounded by who puts them. */
typedef union {
    struct nlmsghdr header;
    char bytes[1024];
} RtnlMessage;

/* Starts a request and returns its fixed structure of `size` bytes, zeroed. */
void *rtnl_message_init(RtnlMessage *message, guint16 type, guint16 flags, size_t size);

/* Several requests may be under way: send them all, then collect each one's acknowledgement in
 * the order of sending. `rtnl_send()` gives the message its sequence number and NLM_F_ACK. */
bool rtnl_send(Rtnl *rtnl, struct nlmsghdr *message, guint32 *seqp, GError **error);
bool rtnl_collect(Rtnl *rtnl, guint32 seq, const char *what, GError **error);

/* Sends `size` bytes of requests, one behind the other, in one datagram: the kernel handles them in
 * their order within this one call. They get rising sequence numbers from `*seqp` on, and each has
 * an acknowledgement to be collected, whatever became of those before it. */
bool rtnl_send_batch(Rtnl *rtnl, void *messages, size_t size, guint32 *seqp, GError **error);

/* Both of them. `what` starts the error message: "cannot create ontap7". */
bool rtnl_request(Rtnl *rtnl, struct nlmsghdr *message, const char *what, GError **error);

/* Sends a request that is answered by messages before its acknowledgement (RTM_GETLINK of one
 * link), and calls `callback` for each. The callback's view of the message ends with its return,
 * and it must not use `rtnl`. MNL_CB_STOP skips the rest; MNL_CB_ERROR makes errno the error. */
bool rtnl_query(Rtnl *rtnl, struct nlmsghdr *message, mnl_cb_t callback, void *data,
                const char *what, GError **error);

/* The same for all there are: sends a dump request (NLM_F_DUMP is added). A dump that changed on
 * its way (NLM_F_DUMP_INTR) starts again after `restart(data)`, at most a handful of times; then
 * it fails with EINTR. */
bool rtnl_dump(Rtnl *rtnl, struct nlmsghdr *message, mnl_cb_t callback, void (*restart)(void *data),
               void *data, const char *what, GError **error);
