/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "learner/supervisor.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Milliseconds. A worker that has lived for a minute was no failure of the one before. */
#define BACKOFF_FIRST 100
#define BACKOFF_MAX 10000
#define LIVED_WELL (60 * 1000)

static guint64 now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (guint64)now.tv_sec * 1000 + (guint64)now.tv_nsec / 1000000;
}

static void sleep_ms(guint ms)
{
    struct timespec left = {ms / 1000, ms % 1000 * 1000000L};

    while (nanosleep(&left, &left) < 0 && errno == EINTR)
        ;
}

static pid_t start_worker(const WorkerSockets *sockets)
{
    pid_t pid = fork();

    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        _exit(worker_run(sockets));
    }
    return pid;
}

/* The status of waitpid(2), or -1. */
static int wait_for(pid_t pid)
{
    int status;

    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return status;
}

int supervisor_run(const WorkerSockets *sockets)
{
    guint backoff = BACKOFF_FIRST;

    signal(SIGCHLD, SIG_DFL); /* may come ignored, and then nobody could be waited for */
    for (;;) {
        guint64 started = now_ms();
        pid_t pid = start_worker(sockets);
        int status = pid < 0 ? -1 : wait_for(pid);

        if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && pid > 0)
            return 0;
        if (now_ms() - started >= LIVED_WELL)
            backoff = BACKOFF_FIRST;
        fprintf(stderr, "ontap-learnd: the worker died (status %#x); another in %u ms\n",
                (unsigned)status, backoff);
        sleep_ms(backoff);
        backoff = MIN(backoff * 2, BACKOFF_MAX);
    }
}
