/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Descriptors over a socket pair, in every arrangement a sender can choose. Each test counts
 * /proc/self/fd before and after: a descriptor that nobody closed is a failure.
 */
#include "wire/fds.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    int before;
    int pair[2];
    int sent[8]; /* memfds */
} Fixture;

static int count_fds(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int n = 0;

    g_assert_nonnull(folder);
    while (readdir(folder))
        n++;
    closedir(folder);
    return n;
}

static void set_up(Fixture *fixture, const void *data)
{
    fixture->before = count_fds();
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fixture->pair), ==, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(fixture->sent); i++) {
        fixture->sent[i] = memfd_create("sent", MFD_CLOEXEC);
        g_assert_cmpint(fixture->sent[i], >=, 0);
    }
}

static void tear_down(Fixture *fixture, const void *data)
{
    for (size_t i = 0; i < G_N_ELEMENTS(fixture->sent); i++)
        close(fixture->sent[i]);
    close(fixture->pair[0]);
    close(fixture->pair[1]);
    g_assert_cmpint(count_fds(), ==, fixture->before);
}

static void close_all(const int *fds, size_t n)
{
    for (size_t i = 0; i < n; i++)
        g_assert_cmpint(close(fds[i]), ==, 0);
}

/* That `got` is the same file as `sent`, another descriptor, and close-on-exec. */
static void assert_same(int got, int sent)
{
    struct stat a;
    struct stat b;

    g_assert_cmpint(got, !=, sent);
    g_assert_cmpint(fstat(got, &a), ==, 0);
    g_assert_cmpint(fstat(sent, &b), ==, 0);
    g_assert_cmpuint(a.st_ino, ==, b.st_ino);
    g_assert_cmpint(fcntl(got, F_GETFD), ==, FD_CLOEXEC);
}

static void test_one_message(Fixture *fixture, const void *data)
{
    char bytes[64];
    int fds[8];
    size_t n = 0;

    g_assert_cmpint(fds_send(fixture->pair[0], "hello\n", 6, fixture->sent, 8), ==, 6);
    g_assert_cmpint(fds_receive(fixture->pair[1], bytes, sizeof(bytes), fds, &n, 8), ==, 6);
    g_assert_cmpmem(bytes, 6, "hello\n", 6);
    g_assert_cmpuint(n, ==, 8);
    for (size_t i = 0; i < n; i++)
        assert_same(fds[i], fixture->sent[i]);
    close_all(fds, n);
}

static void test_none(Fixture *fixture, const void *data)
{
    char bytes[64];
    size_t n = 0;

    g_assert_cmpint(fds_send(fixture->pair[0], "x", 1, NULL, 0), ==, 1);
    g_assert_cmpint(fds_receive(fixture->pair[1], bytes, sizeof(bytes), NULL, &n, 0), ==, 1);
    g_assert_cmpuint(n, ==, 0);
    close(fixture->pair[0]);
    fixture->pair[0] = -1;
    g_assert_cmpint(fds_receive(fixture->pair[1], bytes, sizeof(bytes), NULL, &n, 0), ==, 0);
}

static void test_several_messages(Fixture *fixture, const void *data)
{
    char bytes[64];
    int fds[8];
    size_t n = 0;
    size_t size = 0;

    g_assert_cmpint(fds_send(fixture->pair[0], "ok ", 3, NULL, 0), ==, 3);
    g_assert_cmpint(fds_send(fixture->pair[0], "a=b", 3, fixture->sent, 1), ==, 3);
    g_assert_cmpint(fds_send(fixture->pair[0], "\n", 1, fixture->sent + 1, 7), ==, 1);
    close(fixture->pair[0]);
    fixture->pair[0] = -1;
    for (;;) {
        ssize_t received = fds_receive(fixture->pair[1], bytes + size, 2, fds, &n, 8);

        g_assert_cmpint(received, >=, 0);
        if (received == 0)
            break;
        size += (size_t)received;
    }
    g_assert_cmpmem(bytes, size, "ok a=b\n", 7);
    g_assert_cmpuint(n, ==, 8);
    for (size_t i = 0; i < n; i++)
        assert_same(fds[i], fixture->sent[i]);
    close_all(fds, n);
}

/* Several control messages in one message, and one of another kind (credentials) besides. */
static void test_several_cmsgs(Fixture *fixture, const void *data)
{
    static const size_t sizes[] = {1, 3, 2};
    union {
        struct cmsghdr header;
        char bytes[256];
    } control = {0};
    struct iovec iov = {.iov_base = (void *)"x", .iov_len = 1};
    struct msghdr message = {
        .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = 256};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    size_t used = 0;
    size_t n = 0;
    int fds[8];
    char byte;
    int on = 1;

    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizes[i] * sizeof(int));
        memcpy(CMSG_DATA(header), fixture->sent + n, sizes[i] * sizeof(int));
        n += sizes[i];
        used += CMSG_SPACE(sizes[i] * sizeof(int));
        header = CMSG_NXTHDR(&message, header);
    }
    message.msg_controllen = used;
    g_assert_cmpint(setsockopt(fixture->pair[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)), ==, 0);
    g_assert_cmpint(sendmsg(fixture->pair[0], &message, 0), ==, 1);

    n = 0;
    g_assert_cmpint(fds_receive(fixture->pair[1], &byte, 1, fds, &n, 8), ==, 1);
    g_assert_cmpuint(n, ==, 6);
    for (size_t i = 0; i < n; i++)
        assert_same(fds[i], fixture->sent[i]);
    close_all(fds, n);
}

/* More than fit: those of this message are closed, those of the one before stay ours. */
static void test_too_many(Fixture *fixture, const void *data)
{
    char byte;
    int fds[8];
    size_t n = 0;

    g_assert_cmpint(fds_send(fixture->pair[0], "x", 1, fixture->sent, 2), ==, 1);
    g_assert_cmpint(fds_send(fixture->pair[0], "y", 1, fixture->sent, 3), ==, 1);
    g_assert_cmpint(fds_send(fixture->pair[0], "z", 1, fixture->sent, 2), ==, 1);
    g_assert_cmpint(fds_receive(fixture->pair[1], &byte, 1, fds, &n, 4), ==, 1);
    g_assert_cmpint(fds_receive(fixture->pair[1], &byte, 1, fds, &n, 4), ==, -EMSGSIZE);
    g_assert_cmpuint(n, ==, 2);
    g_assert_cmpint(fds_receive(fixture->pair[1], &byte, 1, fds, &n, 4), ==, 1);
    g_assert_cmpuint(n, ==, 4);
    close_all(fds, n);

    n = 0;
    g_assert_cmpint(fds_send(fixture->pair[0], "x", 1, fixture->sent, 1), ==, 1);
    g_assert_cmpint(fds_receive(fixture->pair[1], &byte, 1, NULL, &n, 0), ==, -EMSGSIZE);
    g_assert_cmpuint(n, ==, 0);
}

/* The kernel's limit for one message arrives whole; beyond it nothing is sent. */
static void test_most(Fixture *fixture, const void *data)
{
    int sent[FDS_MAX + 1];
    int fds[FDS_MAX];
    char byte;
    size_t n = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(sent); i++)
        sent[i] = fixture->sent[0];
    g_assert_cmpint(fds_send(fixture->pair[0], "x", 1, sent, FDS_MAX + 1), ==, -EINVAL);
    g_assert_cmpint(fds_send(fixture->pair[0], "x", 0, sent, 1), ==, -EINVAL);
    g_assert_cmpint(fds_send(fixture->pair[0], "x", 1, sent, FDS_MAX), ==, 1);
    g_assert_cmpint(fds_receive(fixture->pair[1], &byte, 1, fds, &n, FDS_MAX), ==, 1);
    g_assert_cmpuint(n, ==, FDS_MAX);
    close_all(fds, n);
}

/* MSG_CTRUNC: the process may open only some of what came. */
static void test_cut_by_kernel(Fixture *fixture, const void *data)
{
    struct rlimit limit;
    struct rlimit low;
    char byte;
    int fds[8];
    size_t n = 0;
    int next = dup(0);
    ssize_t received;

    g_assert_cmpint(next, >=, 0);
    close(next);
    g_assert_cmpint(getrlimit(RLIMIT_NOFILE, &limit), ==, 0);
    low = limit;
    low.rlim_cur = (rlim_t)next + 2;
    g_assert_cmpint(fds_send(fixture->pair[0], "x", 1, fixture->sent, 8), ==, 1);
    g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &low), ==, 0);
    received = fds_receive(fixture->pair[1], &byte, 1, fds, &n, 8);
    g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &limit), ==, 0);
    g_assert_cmpint(received, ==, -EMSGSIZE);
    g_assert_cmpuint(n, ==, 0);
}

static void test_errors(Fixture *fixture, const void *data)
{
    char byte;
    size_t n = 0;

    g_assert_cmpint(fcntl(fixture->pair[1], F_SETFL, O_NONBLOCK), ==, 0);
    g_assert_cmpint(fds_receive(fixture->pair[1], &byte, 1, NULL, &n, 0), ==, -EAGAIN);
    g_assert_cmpint(fds_receive(fixture->sent[0], &byte, 1, NULL, &n, 0), ==, -ENOTSOCK);
    g_assert_cmpint(fds_send(fixture->sent[0], "x", 1, NULL, 0), ==, -ENOTSOCK);
    close(fixture->pair[1]);
    fixture->pair[1] = -1;
    /* SIGPIPE would end this test here. */
    g_assert_cmpint(fds_send(fixture->pair[0], "x", 1, fixture->sent, 1), ==, -EPIPE);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *path;
        void (*test)(Fixture *, const void *);
    } tests[] = {
        {"/wire/fds/one-message", test_one_message},
        {"/wire/fds/none", test_none},
        {"/wire/fds/several-messages", test_several_messages},
        {"/wire/fds/several-cmsgs", test_several_cmsgs},
        {"/wire/fds/too-many", test_too_many},
        {"/wire/fds/most", test_most},
        {"/wire/fds/cut-by-kernel", test_cut_by_kernel},
        {"/wire/fds/errors", test_errors},
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add(tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);
    return g_test_run();
}
