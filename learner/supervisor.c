/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "learner/supervisor.h"

#include "learner/confine.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Milliseconds. A worker that has lived for a minute was no failure of the one before. */
#define BACKOFF_FIRST 100
#define BACKOFF_MAX 10000
#define LIVED_WELL (60 * 1000)

/* What the C library's fork() asks for. */
#define FORK_FLAGS (CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID | SIGCHLD)

#define WHEN(...) .n = 1, .arguments = {__VA_ARGS__}

Calls *supervisor_calls(int channel)
{
    static const Call list[] = {
        CALL(clone, "a worker", WHEN({CALL_CLONE_FLAGS, SCMP_CMP_EQ, FORK_FLAGS, 0})),
        CALL(wait4, "its end"),
        CALL(clock_nanosleep, "the pause before another"),
        CALL(nanosleep, "the same, in other C libraries"),

        CALL(set_robust_list, "the C library's, in a new process"),
        CALL(rseq, "the same"),
        CALL(prctl, "the worker ends with us", WHEN(CALL_IS(0, PR_SET_PDEATHSIG))),
        CALL(setsockopt, "its patience with the daemon", .n = 2,
             .arguments = {CALL_IS(1, SOL_SOCKET), CALL_IS(2, SO_SNDTIMEO)}),
        CALL(getrandom, "its secret"),
        CALL(rt_sigaction, "what names a blocked call"),
        CALL(seccomp, "its own, shorter list"),
        CALL(prctl, "the same", WHEN(CALL_IS(0, PR_GET_SECCOMP))),
        CALL(prctl, "the same", WHEN(CALL_IS(0, PR_SET_SECCOMP))),
        CALL(prctl, "the same", WHEN(CALL_IS(0, PR_GET_NO_NEW_PRIVS))),
    };
    Calls *calls = worker_calls(channel);

    calls_add(calls, list, G_N_ELEMENTS(list));
    return calls;
}

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

/* A worker that was taken over may say so by its status, and daemon and learner would end. */
static gboolean daemon_has_gone(int channel)
{
    struct pollfd end = {.fd = channel};

    return poll(&end, 1, 0) > 0 && (end.revents & POLLHUP) != 0;
}

static void tell_death(int status, guint backoff)
{
    gboolean blocked = WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;

    fprintf(stderr, "ontap-learnd: the worker died (%sstatus %#x); another in %u ms\n",
            blocked ? "of a system call that it may not make, " : "", (unsigned)status, backoff);
}

int supervisor_run(const WorkerSockets *sockets)
{
    g_autoptr(Calls) calls = supervisor_calls(sockets->channel);
    g_autoptr(GError) error = NULL;
    guint backoff = BACKOFF_FIRST;

    signal(SIGCHLD, SIG_DFL); /* may come ignored, and then nobody could be waited for */
    if (!confine_calls(calls, &error)) {
        fprintf(stderr, "ontap-learnd: %s\n", error->message);
        return 1;
    }
    for (;;) {
        guint64 started = now_ms();
        pid_t pid = start_worker(sockets);
        int status = pid < 0 ? -1 : wait_for(pid);

        if (daemon_has_gone(sockets->channel))
            return 0;
        if (now_ms() - started >= LIVED_WELL)
            backoff = BACKOFF_FIRST;
        tell_death(status, backoff);
        sleep_ms(backoff);
        backoff = MIN(backoff * 2, BACKOFF_MAX);
    }
}
