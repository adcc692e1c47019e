/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * A thread that plays the daemon for a client or some, and a way to run a program against it. The thread
 * takes one request of each, answers a canned line with memfds for descriptors, and remembers what it was
 * asked.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define OK_REPLY(queues)                                                                           \
    "ok ifname=ontap1000003 ifindex=1000003 hwaddr=02:00:00:00:00:07 mtu=1500 queues=" #queues     \
    " network=lan name=vm1\n"

/* What the daemon does with the clients of a test, one after the other. */
typedef struct {
    const char *reply; /* NULL: reads the request and never answers */
    size_t size;       /* of the reply, 0: its strlen() */
    size_t n_fds;      /* go with the reply's first byte */
    size_t n_fds_end;  /* go with its last byte, in a message of their own */
    bool deaf;         /* answers without waiting for the request */
    bool unread;       /* answers when the request is there, and does not read it */
    unsigned clients;  /* how many, each with as many descriptors of its own; 0: one */
    int linger;        /* closes only when this descriptor is at its end of file; 0: at once */
} Script;

typedef struct {
    Script script;
    char *folder;
    char *path;
    int listener;
    int fds[8]; /* memfds; those of the end are counted on from those of the start */
    char request[2048]; /* of all clients, one after the other */
    GThread *thread;
} Daemon;

Daemon *daemon_start(Script script);
void daemon_stop(Daemon *daemon);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Daemon, daemon_stop)

uint64_t inode(int fd);

/* What a program is started with. */
typedef struct {
    int keep;         /* a descriptor that it inherits */
    int as;           /* under this number, 0: its own */
    bool closed;      /* standard input, output and error closed */
    bool mute;        /* standard output and error closed */
    bool broken_pipe; /* nobody reads standard error */
} Start;

/* Runs it to its end, by default with an empty environment. Returns the exit status; -1 when a
 * signal ended it. */
int run(Start start, char **argv, char **environment, char **outp, char **errp);

/* An argv of copies, with --socket= for this daemon where the word is `@`. */
char **make_argv(const Daemon *daemon, const char *program, const char *const *arguments);

#define ARGUMENTS(...) ((const char *const[]){__VA_ARGS__, NULL})
