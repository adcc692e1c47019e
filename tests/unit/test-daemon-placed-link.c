/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Into whose network namespace a device is put, and into whose not. Needs root, and makes
 * namespaces of its own.
 */
#include "daemon/placed-link.h"
#include "daemon/refusal.h"
#include "wire/fds.h"

#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int open_netns(void)
{
    int fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

    g_assert_cmpint(fd, >=, 0);
    return fd;
}

static int unix_socket(void)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_assert_cmpint(fd, >=, 0);
    return fd;
}

/* A socket made in a new netns that the user namespace we are in owns. */
static int socket_in_new(int *netnsp)
{
    int home = open_netns();

    g_assert_cmpint(unshare(CLONE_NEWNET), ==, 0);
    int fd = unix_socket();
    if (netnsp != NULL)
        *netnsp = open_netns();
    g_assert_cmpint(setns(home, CLONE_NEWNET), ==, 0);
    close(home);
    return fd;
}

/* A socket made by a process that entered new namespaces; -1 where it may not. */
static int socket_of_child(int flags)
{
    char byte;
    int pair[2], fds[1], status;
    size_t n_fds = 0;

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), ==, 0);
    pid_t child = fork();
    g_assert_cmpint(child, >=, 0);
    if (child == 0) {
        if (unshare(flags) < 0)
            _exit(1);
        int fd = socket(AF_UNIX, SOCK_STREAM, 0);
        _exit(fd >= 0 && fds_send(pair[1], "s", 1, &fd, 1) == 1 ? 0 : 2);
    }
    close(pair[1]);
    ssize_t size = fds_receive(pair[0], &byte, 1, fds, &n_fds, 1);
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    close(pair[0]);
    return size == 1 && n_fds == 1 ? fds[0] : -1;
}

static void expect_refused(const Rooms *rooms, int socket, const char *text)
{
    g_autoptr(GError) error = NULL;

    g_assert_cmpint(placed_link_netns(rooms, socket, DEVICE_IPVLAN, &error), ==, -1);
    g_test_message("%s", error->message);
    g_assert_error(error, REFUSAL, REPLY_DENIED);
    g_assert_nonnull(strstr(error->message, text));
    close(socket);
}

static gboolean may_unshare(void)
{
    if (geteuid() == 0)
        return TRUE;
    g_test_skip("needs root");
    return FALSE;
}

static void test_rooms(void)
{
    Rooms rooms = ROOMS_INIT;
    int taps;

    if (!may_unshare())
        return;
    rooms.host_netns = open_netns();
    taps = socket_in_new(&rooms.tap_netns);
    expect_refused(&rooms, unix_socket(), "of the host");
    expect_refused(&rooms, taps, "of the taps");
    close(rooms.host_netns);
    close(rooms.tap_netns);
}

static void test_own(void)
{
    g_autoptr(GError) error = NULL;
    Rooms rooms = ROOMS_INIT;
    struct stat expected, got;
    int theirs;

    if (!may_unshare())
        return;
    rooms.host_netns = open_netns();
    close(socket_in_new(&rooms.tap_netns));
    int socket = socket_in_new(&theirs);
    int netns = placed_link_netns(&rooms, socket, DEVICE_MACVLAN, &error);
    g_assert_no_error(error);
    g_assert_cmpint(netns, >=, 0);
    g_assert_cmpint(fstat(netns, &got), ==, 0);
    g_assert_cmpint(fstat(theirs, &expected), ==, 0);
    g_assert_cmpuint(got.st_ino, ==, expected.st_ino);
    g_assert_cmpint(fcntl(netns, F_GETFD), ==, FD_CLOEXEC);
    close(socket);
    close(netns);
    close(theirs);
    close(rooms.host_netns);
    close(rooms.tap_netns);
}

/* Made by root, but in a user namespace: whoever else is in there has CAP_NET_ADMIN over it. */
static void test_strangers(void)
{
    Rooms rooms = ROOMS_INIT;
    int socket;

    if (!may_unshare())
        return;
    rooms.host_netns = open_netns();
    close(socket_in_new(&rooms.tap_netns));
    socket = socket_of_child(CLONE_NEWUSER | CLONE_NEWNET);
    if (socket < 0)
        g_test_skip("no user namespaces here");
    else
        expect_refused(&rooms, socket, "belongs to a user namespace of uid 0");
    close(rooms.host_netns);
    close(rooms.tap_netns);
}

/* From a user namespace, but in a netns of ours: it is the netns that counts. */
static void test_visitors(void)
{
    Rooms rooms = ROOMS_INIT;
    int socket;

    if (!may_unshare())
        return;
    rooms.host_netns = open_netns();
    close(socket_in_new(&rooms.tap_netns));
    socket = socket_of_child(CLONE_NEWUSER);
    if (socket < 0)
        g_test_skip("no user namespaces here");
    else
        expect_refused(&rooms, socket, "of the host");
    close(rooms.host_netns);
    close(rooms.tap_netns);
}

static void test_names(void)
{
    char one[DEVICE_IFNAME_SIZE], other[DEVICE_IFNAME_SIZE];

    g_assert_true(placed_link_name(one, NULL));
    g_assert_true(placed_link_name(other, NULL));
    g_assert_cmpstr(one, !=, other);
    g_assert_true(g_regex_match_simple("^ontap[0-9]{10}$", one, 0, 0));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/daemon/placed-link/rooms", test_rooms);
    g_test_add_func("/daemon/placed-link/own", test_own);
    g_test_add_func("/daemon/placed-link/strangers", test_strangers);
    g_test_add_func("/daemon/placed-link/visitors", test_visitors);
    g_test_add_func("/daemon/placed-link/names", test_names);
    return g_test_run();
}
