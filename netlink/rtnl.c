/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The kernel works on a request while it is being sent, so its answer is there when we look. The
 * receive timeout is for a kernel that has lost an answer (no memory): that must not hang us.
 */
#include "netlink/rtnl.h"

#include <errno.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#define RECEIVE_SECONDS 10
#define DUMP_TRIES 8

struct Rtnl {
    struct mnl_socket *socket;
    guint32 seq;
    char buffer[32768]; /* the most that the kernel puts into one part of a dump */
};

G_DEFINE_QUARK(ontap - rtnl, rtnl_error)

static gboolean fail(GError **error, int code, const char *what, const char *why)
{
    g_set_error(error, RTNL_ERROR, code, "%s: %s%s%s", what, g_strerror(code),
                why != NULL ? ": " : "", why != NULL ? why : "");
    return FALSE;
}

static void set_option(struct mnl_socket *socket, int option)
{
    int on = 1;

    /* A kernel without it answers with less, and all of it is checked anyway. */
    mnl_socket_setsockopt(socket, option, &on, sizeof(on));
}

Rtnl *rtnl_new(GError **error)
{
    const struct timeval timeout = {.tv_sec = RECEIVE_SECONDS};
    g_autoptr(Rtnl) rtnl = g_new0(Rtnl, 1);

    rtnl->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
    if (rtnl->socket == NULL || mnl_socket_bind(rtnl->socket, 0, MNL_SOCKET_AUTOPID) < 0) {
        fail(error, errno, "cannot open a netlink socket", NULL);
        return NULL;
    }
    setsockopt(mnl_socket_get_fd(rtnl->socket), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
    set_option(rtnl->socket, NETLINK_EXT_ACK);
    set_option(rtnl->socket, NETLINK_CAP_ACK);
    set_option(rtnl->socket, NETLINK_GET_STRICT_CHK);
    return g_steal_pointer(&rtnl);
}

void rtnl_free(Rtnl *rtnl)
{
    if (rtnl->socket != NULL)
        mnl_socket_close(rtnl->socket);
    g_free(rtnl);
}

typedef struct {
    int code;        /* errno, 0 for success */
    const char *why; /* the kernel's own words, inside the message; NULL when none */
} Acknowledgement;

static int find_why(const struct nlattr *attribute, void *data)
{
    const char **whyp = data;

    if (mnl_attr_get_type(attribute) == NLMSGERR_ATTR_MSG &&
        mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) >= 0)
        *whyp = mnl_attr_get_str(attribute);
    return MNL_CB_OK;
}

/* The attributes stand behind the error and behind as much of our request as it repeats:
 * nothing with NLM_F_CAPPED, else all of it (linux/netlink.h, struct nlmsgerr). */
static bool read_acknowledgement(const struct nlmsghdr *message, Acknowledgement *ack)
{
    const struct nlmsgerr *body = mnl_nlmsg_get_payload(message);
    size_t size = mnl_nlmsg_get_payload_len(message);
    size_t skip = sizeof(*body);

    *ack = (Acknowledgement){0};
    if (size < sizeof(*body))
        return false;
    ack->code = -body->error;
    if ((message->nlmsg_flags & NLM_F_CAPPED) == 0 && body->msg.nlmsg_len > sizeof(body->msg))
        skip += MNL_ALIGN(body->msg.nlmsg_len) - sizeof(body->msg);
    if ((message->nlmsg_flags & NLM_F_ACK_TLVS) != 0 && skip <= size)
        mnl_attr_parse(message, (unsigned)skip, find_why, &ack->why);
    return true;
}

static ssize_t receive(Rtnl *rtnl, const char *what, GError **error)
{
    ssize_t size;

    do
        size = mnl_socket_recvfrom(rtnl->socket, rtnl->buffer, sizeof(rtnl->buffer));
    while (size < 0 && errno == EINTR);
    if (size < 0)
        fail(error, errno == EAGAIN ? ETIMEDOUT : errno, what, "no answer from the kernel");
    return size;
}

static bool is_for(Rtnl *rtnl, const struct nlmsghdr *message, guint32 seq)
{
    return message->nlmsg_seq == seq && message->nlmsg_pid == mnl_socket_get_portid(rtnl->socket);
}

bool rtnl_query(Rtnl *rtnl, struct nlmsghdr *message, mnl_cb_t callback, void *data,
                const char *what, GError **error)
{
    message->nlmsg_seq = ++rtnl->seq;
    message->nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
    if (mnl_socket_sendto(rtnl->socket, message, message->nlmsg_len) < 0)
        return fail(error, errno, what, NULL);

    for (guint32 seq = rtnl->seq;;) {
        ssize_t size = receive(rtnl, what, error);
        if (size < 0)
            return false;

        const struct nlmsghdr *answer = (const void *)rtnl->buffer;
        int left = (int)size;
        for (; mnl_nlmsg_ok(answer, left); answer = mnl_nlmsg_next(answer, &left)) {
            Acknowledgement ack;

            /* A late answer to an earlier request is passed over. */
            if (!is_for(rtnl, answer, seq))
                continue;
            if (answer->nlmsg_type == NLMSG_ERROR && read_acknowledgement(answer, &ack))
                return ack.code == 0 || fail(error, ack.code, what, ack.why);
            if (answer->nlmsg_type >= NLMSG_MIN_TYPE && callback != NULL &&
                callback(answer, data) < MNL_CB_OK)
                return fail(error, EBADMSG, what, "the kernel's answer is not understood");
        }
    }
}

bool rtnl_request(Rtnl *rtnl, struct nlmsghdr *message, const char *what, GError **error)
{
    return rtnl_query(rtnl, message, NULL, NULL, what, error);
}

typedef enum {
    DUMP_DONE,
    DUMP_INTERRUPTED,
    DUMP_FAILED,
} DumpResult;

static DumpResult dump_once(Rtnl *rtnl, guint32 seq, mnl_cb_t callback, void *data,
                            const char *what, GError **error)
{
    DumpResult result = DUMP_DONE;

    for (;;) {
        ssize_t size = receive(rtnl, what, error);
        if (size < 0)
            return DUMP_FAILED;

        const struct nlmsghdr *message = (const void *)rtnl->buffer;
        int left = (int)size;
        for (; mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left)) {
            Acknowledgement ack;

            if (!is_for(rtnl, message, seq))
                continue;
            if (message->nlmsg_flags & NLM_F_DUMP_INTR)
                result = DUMP_INTERRUPTED;
            if (message->nlmsg_type == NLMSG_DONE)
                return result;
            if (message->nlmsg_type == NLMSG_ERROR) {
                if (!read_acknowledgement(message, &ack))
                    continue;
                fail(error, ack.code, what, ack.why);
                return DUMP_FAILED;
            }
            if (callback(message, data) < MNL_CB_OK) {
                fail(error, EBADMSG, what, "the kernel's answer is not understood");
                return DUMP_FAILED;
            }
        }
    }
}

bool rtnl_dump(Rtnl *rtnl, struct nlmsghdr *message, mnl_cb_t callback, void (*restart)(void *data),
               void *data, const char *what, GError **error)
{
    for (int i = 0; i < DUMP_TRIES; i++) {
        message->nlmsg_seq = ++rtnl->seq;
        message->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
        if (mnl_socket_sendto(rtnl->socket, message, message->nlmsg_len) < 0)
            return fail(error, errno, what, NULL);
        switch (dump_once(rtnl, rtnl->seq, callback, data, what, error)) {
        case DUMP_DONE:
            return true;
        case DUMP_FAILED:
            return false;
        case DUMP_INTERRUPTED:
            restart(data);
        }
    }
    return fail(error, EAGAIN, what, "it changes too fast to be read");
}
