/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The pump between socket pairs, which keep frames apart as tap devices do: what comes out, in
 * which order, what happens when nobody reads, and when it ends.
 */
#include "helper/pump.h"

#include <errno.h>
#include <glib-unix.h>
#include <glib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define PAIRS 2

typedef struct {
    PumpPair pairs[PAIRS]; /* the pump's ends */
    size_t n;
    int lan[PAIRS]; /* ours: what the LAN has sent and is to get */
    int cards[PAIRS];
    int pidfd; /* stands for it: an eventfd */
    GThread *thread;
} World;

static void make_pair(int *theirs, int *ours)
{
    struct timeval patience = {.tv_sec = 20};
    int pair[2];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), ==, 0);
    g_assert_true(g_unix_set_fd_nonblocking(pair[0], TRUE, NULL));
    g_assert_cmpint(setsockopt(pair[1], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)), ==,
                    0);
    *theirs = pair[0];
    *ours = pair[1];
}

static void *run(void *data)
{
    World *world = data;

    return GINT_TO_POINTER(pump_run(world->pairs, world->n, world->pidfd));
}

static void world_make(World *world, size_t n)
{
    *world = (World){.n = n, .pidfd = eventfd(0, EFD_CLOEXEC)};
    g_assert_cmpint(world->pidfd, >=, 0);
    for (size_t i = 0; i < n; i++) {
        make_pair(&world->pairs[i].device, &world->lan[i]);
        make_pair(&world->pairs[i].card, &world->cards[i]);
    }
}

static void world_start(World *world)
{
    world->thread = g_thread_new("pump", run, world);
}

/* The pump ends by itself when its last card has. */
static void world_end(World *world)
{
    for (size_t i = 0; i < world->n; i++)
        close(world->cards[i]);
    g_assert_cmpint(GPOINTER_TO_INT(g_thread_join(world->thread)), ==, 0);
    for (size_t i = 0; i < world->n; i++)
        close(world->lan[i]);
    close(world->pidfd);
}

static void fill(guint8 *frame, size_t size, guint seed)
{
    for (size_t i = 0; i < size; i++)
        frame[i] = (guint8)(i * 7 + i / 251 + seed);
}

static void assert_arrives(int fd, const guint8 *frame, size_t size)
{
    static guint8 got[128 * 1024];
    ssize_t received = recv(fd, got, sizeof(got), 0);

    g_assert_cmpint(received, ==, (ssize_t)size);
    g_assert_cmpmem(got, size, frame, size);
}

static void assert_passes(int from, int to, size_t size, guint seed)
{
    static guint8 frame[128 * 1024];

    fill(frame, size, seed);
    g_assert_cmpint(send(from, frame, size, 0), ==, (ssize_t)size);
    assert_arrives(to, frame, size);
}

/* From a byte to what a device may hand out at once: 64 KB, headers, and the virtio header. */
static void test_frames(void)
{
    static const size_t sizes[] = {1, 10, 52, 70, 1524, 9024, 65536, 65536 + 14 + 8 + 10};
    World world;

    world_make(&world, PAIRS);
    world_start(&world);
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        for (size_t k = 0; k < PAIRS; k++) {
            assert_passes(world.cards[k], world.lan[k], sizes[i], (guint)(i + k));
            assert_passes(world.lan[k], world.cards[k], sizes[i], (guint)(i + k + 100));
        }
    }
    world_end(&world);
}

/* Nobody reads on one way: what was taken comes out later, all of it and in order, and meanwhile
 * the other way goes on. */
static void test_backpressure(void)
{
    static guint8 frame[4096];
    guint sent = 0;
    World world;

    world_make(&world, 1);
    world_start(&world);
    g_assert_true(g_unix_set_fd_nonblocking(world.cards[0], TRUE, NULL));
    for (int misses = 0; misses < 20;) {
        fill(frame, sizeof(frame), sent);
        if (send(world.cards[0], frame, sizeof(frame), 0) > 0) {
            g_assert_cmpuint(++sent, <, 10000); /* bounded memory */
            misses = 0;
        } else {
            g_assert_cmpint(errno, ==, EAGAIN);
            misses++;
            g_usleep(10 * 1000); /* until the pump takes no more either */
        }
    }
    g_assert_true(g_unix_set_fd_nonblocking(world.cards[0], FALSE, NULL));
    assert_passes(world.lan[0], world.cards[0], 1500, 1);
    for (guint i = 0; i < sent; i++) {
        fill(frame, sizeof(frame), i);
        assert_arrives(world.lan[0], frame, sizeof(frame));
    }
    assert_passes(world.cards[0], world.lan[0], 1500, 2);
    world_end(&world);
}

/* A frame that the other device refuses is lost, and no more than that. */
static void test_refused(void)
{
    static guint8 frame[60000];
    int least = 1;
    World world;

    world_make(&world, 1);
    g_assert_cmpint(setsockopt(world.pairs[0].device, SOL_SOCKET, SO_SNDBUF, &least, sizeof(least)),
                    ==, 0);
    world_start(&world);
    g_assert_cmpint(send(world.cards[0], frame, sizeof(frame), 0), ==, sizeof(frame));
    assert_passes(world.cards[0], world.lan[0], 100, 3);
    assert_passes(world.lan[0], world.cards[0], 1500, 4);
    world_end(&world);
}

/* When a card is gone so is its device, whose end is ours to see; other pairs stay. */
static void test_end(void)
{
    guint8 byte;
    World world;

    for (int side = 0; side < 2; side++) {
        world_make(&world, PAIRS);
        world_start(&world);
        assert_passes(world.cards[0], world.lan[0], 100, 5);
        g_assert_cmpint(shutdown(side == 0 ? world.cards[0] : world.lan[0], SHUT_RDWR), ==, 0);
        g_assert_cmpint(recv(side == 0 ? world.lan[0] : world.cards[0], &byte, 1, 0), ==, 0);
        assert_passes(world.cards[1], world.lan[1], 1500, 6);
        assert_passes(world.lan[1], world.cards[1], 1500, 7);
        world_end(&world);
    }
}

/* When the command is gone so is everything, whoever still has a card. */
static void test_command(void)
{
    const uint64_t one = 1;
    World world;

    world_make(&world, PAIRS);
    world_start(&world);
    assert_passes(world.cards[0], world.lan[0], 100, 8);
    g_assert_cmpint(write(world.pidfd, &one, sizeof(one)), ==, sizeof(one));
    g_assert_cmpint(GPOINTER_TO_INT(g_thread_join(world.thread)), ==, 0);
    for (size_t i = 0; i < PAIRS; i++) {
        close(world.pairs[i].device);
        close(world.pairs[i].card);
        close(world.cards[i]);
        close(world.lan[i]);
    }
    close(world.pidfd);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ontap/pump/frames", test_frames);
    g_test_add_func("/ontap/pump/backpressure", test_backpressure);
    g_test_add_func("/ontap/pump/refused", test_refused);
    g_test_add_func("/ontap/pump/end", test_end);
    g_test_add_func("/ontap/pump/command", test_command);
    return g_test_run();
}
