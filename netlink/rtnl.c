/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Requests to rtnetlink and their acknowledgements.
 *
 * The kernel handles a request inside sendto(): when that returns, the answer is in the socket's
 * queue, or it was lost for want of memory, and a socket that lost something says ENOBUFS once.
 * So an answer is matched by port id and sequence number; one that is older than the awaited one
 * belongs to a request nobody waits for any more; one that is newer proves that the awaited one
 * was lost, and stays in the buffer for the caller who will ask for it. The timeout of the socket
 * is a last resort: a lost acknowledgement must not hang a daemon that has one thread.
 *
 * Messages are walked here and not by mnl_cb_run(), which hides the extended acknowledgement and
 * the error that a failed dump carries in its NLMSG_DONE.
 */
#include "netlink/rtnl.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

/* A link with many virtual functions exceeds libmnl's 8 KiB, and the kernel fills dumps up to
 * 32 KiB when the reader's buffer is that large (net/netlink/af_netlink.c). */
#define BUFFER_SIZE 32768
#define TIMEOUT_S 5
#define DUMP_TRIES 8

bool rtnl_answer_lost(const GError *error)
{
    return g_error_matches(error, RTNL_ERROR, ENOBUFS) ||
           g_error_matches(error, RTNL_ERROR, ETIMEDOUT);
}

GQuark rtnl_error_quark(void)
{
    return g_quark_from_static_string("ontap-rtnl-error");
}

struct Rtnl {
    struct mnl_socket *socket;
    guint32 port;
    guint32 seq;     /* of the last request sent */
    guint32 overrun; /* `seq` when the socket last said that it had lost something */
    size_t held;     /* bytes of a datagram in the buffer that nobody has claimed yet */
    union {
        struct nlmsghdr header;
        char buffer[BUFFER_SIZE];
    };
};

/* Sequence numbers wrap around. */
static bool seq_before(guint32 a, guint32 b)
{
    return (gint32)(a - b) < 0;
}

static Rtnl *open_socket(int protocol, GError **error)
{
    g_autoptr(Rtnl) rtnl = g_new0(Rtnl, 1);
    const struct timeval timeout = {.tv_sec = TIMEOUT_S};
    static const int options[] = {NETLINK_EXT_ACK, NETLINK_CAP_ACK, NETLINK_GET_STRICT_CHK};
    int on = 1;

    rtnl->socket = mnl_socket_open2(protocol, SOCK_CLOEXEC);
    if (!rtnl->socket)
        goto fail;
    for (size_t i = 0; i < G_N_ELEMENTS(options); i++) {
        if (mnl_socket_setsockopt(rtnl->socket, options[i], &on, sizeof on) < 0)
            goto fail;
    }
    if (setsockopt(mnl_socket_get_fd(rtnl->socket), SOL_SOCKET, SO_RCVTIMEO, &timeout,
                   sizeof timeout) < 0 ||
        mnl_socket_bind(rtnl->socket, 0, MNL_SOCKET_AUTOPID) < 0)
        goto fail;
    rtnl->port = mnl_socket_get_portid(rtnl->socket);
    return g_steal_pointer(&rtnl);

fail:
    g_set_error(error, RTNL_ERROR, errno, "cannot open a netlink socket: %s", g_strerror(errno));
    return NULL;
}

Rtnl *rtnl_new(GError **error)
{
    return open_socket(NETLINK_ROUTE, error);
}

Rtnl *rtnl_new_generic(GError **error)
{
    return open_socket(NETLINK_GENERIC, error);
}

void rtnl_free(Rtnl *rtnl)
{
    if (!rtnl)
        return;
    if (rtnl->socket)
        mnl_socket_close(rtnl->socket);
    g_free(rtnl);
}

void *rtnl_message_init(RtnlMessage *message, guint16 type, guint16 flags, size_t size)
{
    struct nlmsghdr *header;

    memset(message, 0, sizeof *message); /* libmnl leaves the padding of attributes as it was */
    header = mnl_nlmsg_put_header(message);
    header->nlmsg_type = type;
    header->nlmsg_flags = NLM_F_REQUEST | flags;
    return mnl_nlmsg_put_extra_header(header, size);
}

static bool transmit(Rtnl *rtnl, const void *data, size_t size, GError **error)
{
    ssize_t n;

    do
        n = mnl_socket_sendto(rtnl->socket, data, size);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        g_set_error(error, RTNL_ERROR, errno, "cannot send to rtnetlink: %s", g_strerror(errno));
    return n >= 0;
}

static bool send_message(Rtnl *rtnl, struct nlmsghdr *message, guint32 *seqp, GError **error)
{
    message->nlmsg_seq = ++rtnl->seq;
    *seqp = message->nlmsg_seq;
    return transmit(rtnl, message, message->nlmsg_len, error);
}

bool rtnl_send(Rtnl *rtnl, struct nlmsghdr *message, guint32 *seqp, GError **error)
{
    message->nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
    return send_message(rtnl, message, seqp, error);
}

bool rtnl_send_batch(Rtnl *rtnl, void *messages, size_t size, guint32 *seqp, GError **error)
{
    guint32 first = rtnl->seq + 1;
    struct nlmsghdr *message = messages;
    int left = (int)size;

    for (; mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left)) {
        message->nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
        message->nlmsg_seq = ++rtnl->seq;
    }
    g_assert(left == 0);
    *seqp = first;
    return transmit(rtnl, messages, size, error);
}

/* Makes sure that the buffer holds a datagram from the kernel. Returns 0 or -errno. */
static int receive(Rtnl *rtnl, guint32 seq)
{
    while (rtnl->held == 0) {
        struct sockaddr_nl sender = {0};
        struct iovec iov = {.iov_base = rtnl->buffer, .iov_len = sizeof rtnl->buffer};
        struct msghdr message = {
            .msg_name = &sender, .msg_namelen = sizeof sender, .msg_iov = &iov, .msg_iovlen = 1};
        /* After a loss, what is not queued already will never come. */
        bool wait = seq_before(rtnl->overrun, seq);
        ssize_t n = recvmsg(mnl_socket_get_fd(rtnl->socket), &message, wait ? 0 : MSG_DONTWAIT);

        if (n < 0) {
            if (errno == EINTR)
                continue;
            if (errno == ENOBUFS && wait) {
                rtnl->overrun = rtnl->seq;
                continue;
            }
            if (errno == EAGAIN)
                return wait ? -ETIMEDOUT : -ENOBUFS;
            return -errno;
        }
        if (message.msg_flags & MSG_TRUNC)
            return -EMSGSIZE;
        if (message.msg_namelen != sizeof sender || sender.nl_pid != 0)
            continue; /* from a process: not the kernel's word */
        rtnl->held = (size_t)n;
    }
    return 0;
}

static int extack_attribute(const struct nlattr *attribute, void *data)
{
    const char **textp = data;

    if (mnl_attr_get_type(attribute) == NLMSGERR_ATTR_MSG &&
        mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) == 0)
        *textp = mnl_attr_get_str(attribute);
    return MNL_CB_OK;
}

/* True when the kernel's closing word, `code` (0 or -errno), is a good one. The attributes of the
 * extended acknowledgement start `offset` bytes into the payload. */
static bool conclude(const struct nlmsghdr *message, int code, size_t offset, const char *what,
                     GError **error)
{
    const char *why = NULL;

    if (code >= 0)
        return true;
    if ((message->nlmsg_flags & NLM_F_ACK_TLVS) && offset <= mnl_nlmsg_get_payload_len(message))
        mnl_attr_parse(message, (unsigned)offset, extack_attribute, &why);
    g_set_error(error, RTNL_ERROR, -code, "%s: %s%s%s", what, g_strerror(-code), why ? ": " : "",
                why ? why : "");
    return false;
}

/* An NLMSG_ERROR: struct nlmsgerr, then, unless capped, the rest of our own request. */
static bool conclude_error(const struct nlmsghdr *message, const char *what, GError **error)
{
    const struct nlmsgerr *answer = mnl_nlmsg_get_payload(message);
    size_t offset = sizeof *answer;

    if (mnl_nlmsg_get_payload_len(message) < sizeof *answer) {
        g_set_error(error, RTNL_ERROR, EBADMSG, "%s: the kernel's answer is too short", what);
        return false;
    }
    if (!(message->nlmsg_flags & NLM_F_CAPPED) && answer->msg.nlmsg_len > sizeof answer->msg)
        offset += MNL_ALIGN((size_t)answer->msg.nlmsg_len - sizeof answer->msg);
    return conclude(message, answer->error, offset, what, error);
}

/* An NLMSG_DONE: an int, 0 or -errno. */
static bool conclude_dump(const struct nlmsghdr *message, const char *what, GError **error)
{
    int code = 0;

    if (mnl_nlmsg_get_payload_len(message) >= sizeof code)
        memcpy(&code, mnl_nlmsg_get_payload(message), sizeof code);
    return conclude(message, code, sizeof code, what, error);
}

/* Reads up to the end of the answer to request `seq`. `callback` may be NULL. `interruptedp` is
 * set when a dump is not of one piece. */
static bool exchange(Rtnl *rtnl, guint32 seq, mnl_cb_t callback, void *data, bool *interruptedp,
                     const char *what, GError **error)
{
    guint32 overrun = rtnl->overrun;
    int verdict = MNL_CB_OK, failure = 0;

    for (;;) {
        const struct nlmsghdr *message = &rtnl->header;
        int result = receive(rtnl, seq), left = (int)rtnl->held;

        if (result < 0) {
            /* Not the code as it is: it would pass for the kernel's own answer. */
            g_set_error(error, RTNL_ERROR, result == -ETIMEDOUT ? ETIMEDOUT : ENOBUFS,
                        "%s: the kernel's answer did not arrive: %s", what, g_strerror(-result));
            return false;
        }
        for (; mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left)) {
            if (message->nlmsg_pid != rtnl->port || seq_before(message->nlmsg_seq, seq))
                continue;
            if (message->nlmsg_seq != seq) { /* stays held, for its own collector */
                g_set_error(error, RTNL_ERROR, ENOBUFS, "%s: the kernel's answer was lost", what);
                return false;
            }
            if (message->nlmsg_flags & NLM_F_DUMP_INTR)
                *interruptedp = true;
            if (message->nlmsg_type == NLMSG_ERROR || message->nlmsg_type == NLMSG_DONE) {
                rtnl->held = 0;
                if (rtnl->overrun != overrun)
                    *interruptedp = true;
                if (failure != 0) {
                    g_set_error(error, RTNL_ERROR, failure,
                                "%s: cannot read the kernel's answer: %s", what,
                                g_strerror(failure));
                    return false;
                }
                return message->nlmsg_type == NLMSG_ERROR ? conclude_error(message, what, error)
                                                          : conclude_dump(message, what, error);
            }
            if (message->nlmsg_type < NLMSG_MIN_TYPE || !callback || verdict != MNL_CB_OK)
                continue;
            errno = EBADMSG;
            verdict = callback(message, data);
            if (verdict == MNL_CB_ERROR)
                failure = errno;
        }
        rtnl->held = 0;
    }
}

bool rtnl_collect(Rtnl *rtnl, guint32 seq, const char *what, GError **error)
{
    bool interrupted = false;

    return exchange(rtnl, seq, NULL, NULL, &interrupted, what, error);
}

bool rtnl_request(Rtnl *rtnl, struct nlmsghdr *message, const char *what, GError **error)
{
    return rtnl_query(rtnl, message, NULL, NULL, what, error);
}

bool rtnl_query(Rtnl *rtnl, struct nlmsghdr *message, mnl_cb_t callback, void *data,
                const char *what, GError **error)
{
    bool interrupted = false;
    guint32 seq;

    return rtnl_send(rtnl, message, &seq, error) &&
           exchange(rtnl, seq, callback, data, &interrupted, what, error);
}

bool rtnl_dump(Rtnl *rtnl, struct nlmsghdr *message, mnl_cb_t callback, void (*restart)(void *data),
               void *data, const char *what, GError **error)
{
    message->nlmsg_flags |= NLM_F_REQUEST | NLM_F_DUMP;
    for (unsigned i = 0; i < DUMP_TRIES; i++) {
        bool interrupted = false;
        guint32 seq;

        if (i > 0 && restart)
            restart(data);
        if (!send_message(rtnl, message, &seq, error) ||
            !exchange(rtnl, seq, callback, data, &interrupted, what, error))
            return false;
        if (!interrupted)
            return true;
    }
    g_set_error(error, RTNL_ERROR, EINTR, "%s: it changed faster than it could be read", what);
    return false;
}
