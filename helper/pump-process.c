/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * It reads what the LAN sends, if only to pass it on, so it keeps nothing that would be worth
 * taking: an empty root directory that cannot be written, an empty network namespace, no
 * descriptor but the devices' and one to see the command's end by, no capability and no way to any,
 * no right to fork. (What is missing is a filter of system calls: it would take a library, or rules
 * written by hand that differ from one machine to the next, and would protect no more than the
 * user's own right to signal his processes.) It cannot be traced from the command's namespace,
 * where the command is root.
 *
 * It must not be the command's child, who would wonder about it and might wait for it, so it is
 * forked twice. A session of its own keeps it from what a terminal sends to the command. Its errors
 * go to our standard error until it is confined; then it has none.
 */
#include "helper/pump-process.h"
#include "helper/mounts.h"
#include "helper/options.h"
#include "helper/program.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static bool fail(const char *step)
{
    program_error(ONTAP_PROGRAM, "--netns: cannot %s: %s", step, strerror(errno));
    return false;
}

/* What a caller ignores or blocks is the command's to inherit. */
static void reset_signals(void)
{
    sigset_t none;

    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static int compare(const void *left, const void *right)
{
    int a = *(const int *)left, b = *(const int *)right;

    return (a > b) - (a < b);
}

/* Closes everything but the `n` numbers, which get sorted. A pipe of the caller's that stayed open
 * here would keep its reader waiting. */
static bool close_others(int *kept, size_t n)
{
    unsigned from = 0;

    qsort(kept, n, sizeof(*kept), compare);
    for (size_t i = 0; i < n; i++) {
        unsigned fd = (unsigned)kept[i];

        if (fd > from && syscall(SYS_close_range, from, fd - 1, 0) < 0)
            return false;
        from = fd + 1;
    }
    return syscall(SYS_close_range, from, ~0u, 0) == 0;
}

static bool drop_capabilities(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {0};

    for (int capability = 0; prctl(PR_CAPBSET_READ, capability) >= 0; capability++)
        if (prctl(PR_CAPBSET_DROP, capability) < 0)
            return false;
    return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == 0 &&
           syscall(SYS_capset, &header, none) == 0;
}

static bool confine(const PumpPair *pairs, size_t n, int command, int ready)
{
    const struct rlimit no_processes = {0, 0};
    int kept[2 * PUMP_PAIRS_MAX + 5] = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO, command, ready};
    size_t n_kept = 5;

    for (size_t i = 0; i < n; i++) {
        kept[n_kept++] = pairs[i].device;
        kept[n_kept++] = pairs[i].card;
    }
    if (unshare(CLONE_NEWNET | CLONE_NEWNS) < 0 || !mounts_make_empty())
        return fail("leave network and files");
    if (!close_others(kept, n_kept))
        return fail("close descriptors");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0) < 0 ||
        setrlimit(RLIMIT_NPROC, &no_processes) < 0 || !drop_capabilities())
        return fail("give up privilege");
    return true;
}

/* Never returns. */
static void run(const PumpPair *pairs, size_t n, int command, int ready)
{
    PumpPair own[PUMP_PAIRS_MAX];
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    setsid();
    prctl(PR_SET_NAME, "ontap-pump");
    reset_signals();
    memcpy(own, pairs, n * sizeof(*pairs));
    if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0) {
        fail("open /dev/null");
        _exit(STATUS_FAILURE);
    }
    if (!confine(own, n, command, ready))
        _exit(STATUS_FAILURE);
    dup2(STDIN_FILENO, STDERR_FILENO);
    if (write(ready, "", 1) != 1)
        _exit(STATUS_FAILURE);
    close(ready);
    _exit(pump_run(own, n, command) == 0 ? EXIT_SUCCESS : STATUS_FAILURE);
}

/* True when the process says that it is ready; false when it ended without. */
static bool wait_ready(int ready)
{
    ssize_t size;
    char byte;

    do {
        size = read(ready, &byte, 1);
    } while (size < 0 && errno == EINTR);
    return size == 1;
}

static void wait_child(pid_t child)
{
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
        ;
}

bool pump_process_start(const PumpPair *pairs, size_t n)
{
    int command = (int)syscall(SYS_pidfd_open, getpid(), 0); /* close-on-exec */
    pid_t child;
    int pair[2];
    bool ready;

    if (command < 0 || pipe2(pair, O_CLOEXEC) < 0)
        return fail("prepare a process");
    child = fork();
    if (child == 0) {
        pid_t own = fork();

        if (own == 0)
            run(pairs, n, command, pair[1]);
        if (own < 0)
            fail("start a process");
        _exit(0);
    }
    close(pair[1]);
    if (child < 0)
        fail("start a process");
    else
        wait_child(child);
    ready = child > 0 && wait_ready(pair[0]);
    close(pair[0]);
    close(command);
    return ready;
}
