/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * What is on its way to clients, with sockets whose other ends read, leave or do neither.
 */
#include "daemon/inflight.h"

#include "wire/device.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define USER 1000
#define OTHER 1001

/* Of each kind, one owner may have 256, all together 1,024. */
static Inflight *setup(void)
{
    struct rlimit limit;

    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = 4096;
    g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &limit), ==, 0);
    return inflight_new();
}

/* Returns the client's end; a byte lies in it. */
static int send_one(Inflight *inflight, uid_t owner, guint n)
{
    int ends[2];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), ==, 0);
    g_assert_cmpint(write(ends[0], "x", 1), ==, 1);
    inflight_add(inflight, owner, ends[0], n);
    return ends[1];
}

static void run_main_loop(void)
{
    while (g_main_context_iteration(NULL, FALSE))
        ;
}

static void test_owner(void)
{
    g_autoptr(Inflight) inflight = setup();
    int clients[4];
    char byte;

    for (gsize i = 0; i < G_N_ELEMENTS(clients); i++) {
        g_assert_true(inflight_may(inflight, USER, DEVICE_QUEUES_MAX));
        clients[i] = send_one(inflight, USER, DEVICE_QUEUES_MAX);
    }
    g_assert_false(inflight_may(inflight, USER, 1));
    g_assert_true(inflight_may(inflight, OTHER, 1));

    /* One reads and stays, one leaves without reading. */
    g_assert_cmpint(read(clients[0], &byte, 1), ==, 1);
    g_assert_true(inflight_may(inflight, USER, DEVICE_QUEUES_MAX));
    g_assert_false(inflight_may(inflight, USER, DEVICE_QUEUES_MAX + 1));
    close(clients[1]);
    run_main_loop();
    g_assert_true(inflight_may(inflight, USER, 2 * DEVICE_QUEUES_MAX));
    g_assert_cmpint(read(clients[0], &byte, 1), ==, 0);

    /* One that says no more, and has not read, still counts. */
    shutdown(clients[2], SHUT_WR);
    run_main_loop();
    g_assert_false(inflight_may(inflight, USER, 2 * DEVICE_QUEUES_MAX + 1));
    g_assert_cmpint(read(clients[2], &byte, 1), ==, 1);
    g_assert_true(inflight_may(inflight, USER, 3 * DEVICE_QUEUES_MAX));
    close(clients[0]);
    close(clients[2]);
    close(clients[3]);
}

static void test_total(void)
{
    g_autoptr(Inflight) inflight = setup();
    int clients[4];

    for (gsize i = 0; i < G_N_ELEMENTS(clients); i++)
        clients[i] = send_one(inflight, (uid_t)(USER + i), 256);
    g_assert_false(inflight_may(inflight, USER + 9, 1));
    g_assert_true(inflight_may(inflight, 0, 1));
    for (gsize i = 0; i < G_N_ELEMENTS(clients); i++)
        close(clients[i]);
    run_main_loop();
    g_assert_true(inflight_may(inflight, USER + 9, 1));
}

static void test_close(void)
{
    g_autoptr(Inflight) inflight = setup();
    int ends[2];
    char byte;

    g_assert_cmpint(pipe2(ends, O_CLOEXEC), ==, 0);
    inflight_close(inflight, USER, -1, &ends[1], 1);
    g_assert_false(inflight_may(inflight, USER, 256)); /* until the main loop is told */
    g_assert_true(inflight_may(inflight, OTHER, 256));
    g_assert_cmpint(read(ends[0], &byte, 1), ==, 0);
    while (!inflight_may(inflight, USER, 256))
        g_main_context_iteration(NULL, TRUE);
    close(ends[0]);
}

/* What a client has not read yet is closed at once, and what he may have closed is not. */
static void test_close_sent(void)
{
    g_autoptr(Inflight) inflight = setup();
    int sent[2], queue[2];
    char byte;

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sent), ==, 0);
    g_assert_cmpint(pipe2(queue, O_CLOEXEC), ==, 0);
    g_assert_cmpint(write(sent[0], "x", 1), ==, 1);
    inflight_close(inflight, USER, sent[0], &queue[1], 1);
    g_assert_cmpint(fcntl(queue[1], F_GETFD), ==, -1);
    g_assert_true(inflight_may(inflight, USER, 256));

    g_assert_cmpint(read(sent[1], &byte, 1), ==, 1);
    inflight_close(inflight, USER, sent[0], &queue[0], 1);
    g_assert_false(inflight_may(inflight, USER, 256));
    while (!inflight_may(inflight, USER, 256))
        g_main_context_iteration(NULL, TRUE);
    g_assert_cmpint(fcntl(queue[0], F_GETFD), ==, -1);
    close(sent[0]);
    close(sent[1]);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/daemon/inflight/owner", test_owner);
    g_test_add_func("/daemon/inflight/total", test_total);
    g_test_add_func("/daemon/inflight/close", test_close);
    g_test_add_func("/daemon/inflight/close-sent", test_close_sent);
    return g_test_run();
}
