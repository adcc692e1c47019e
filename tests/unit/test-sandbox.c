/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Lists of system calls: what they allow, what they refuse, and how they say it. Each list is
 * enforced in a process of its own. That the real lists suffice, and hold, is tested in the lab.
 */
#include "sandbox/calls.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOT_ENFORCED 99
#define TRAPPED (128 + SIGSYS)

static const Call list[] = {
    CALL(getuid, "allowed"),
    CALL(getppid, "refused", .error = EXDEV),
    CALL(lseek, "on one descriptor", .n = 1, .arguments = {CALL_IS(0, 3)}),
    CALL(umask, "without these bits", .n = 1, .arguments = {CALL_HAS(0, 0700, 0)}),
    CALL(write, "on standard error", .n = 1, .arguments = {CALL_IS(0, STDERR_FILENO)}),
    CALL(close, "as a 64-bit argument", .n = 1, .arguments = {CALL_IS_NULL(0)}),
};

static Calls *make_list(void)
{
    Calls *calls = calls_new();

    calls_add(calls, list, G_N_ELEMENTS(list));
    return calls;
}

typedef struct {
    const char *name;
    long call;
    unsigned long argument;
    int expected; /* 0: made; an errno that it fails with; or TRAPPED */
} Attempt;

/* In a process that ends with it. */
static void make_attempt(const Attempt *attempt, gboolean trace)
{
    g_autoptr(Calls) calls = make_list();

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || !calls_enforce(calls, trace, NULL))
        _exit(NOT_ENFORCED);
    errno = 0;
    syscall(attempt->call, attempt->argument, 0, SEEK_CUR);
    _exit(errno);
}

static int status_of(const Attempt *attempt, gboolean trace)
{
    int status;
    pid_t pid = fork();

    if (pid == 0)
        make_attempt(attempt, trace);
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    if (WIFSIGNALED(status))
        return 128 + WTERMSIG(status);
    g_assert_cmpint(WEXITSTATUS(status), !=, NOT_ENFORCED);
    return WEXITSTATUS(status);
}

static const Attempt attempts[] = {
    {"allowed", SYS_getuid, 0, 0},
    {"refused", SYS_getppid, 0, EXDEV},
    {"not-listed", SYS_getgid, 0, TRAPPED},
    {"descriptor", SYS_lseek, 3, EBADF},
    {"descriptor/other", SYS_lseek, 4, TRAPPED},
    /* The kernel takes it for 3, and so must the list. */
    {"descriptor/upper-half", SYS_lseek, 3 | 1ul << 40, EBADF},
    {"bits", SYS_umask, 0022, 0},
    {"bits/forbidden", SYS_umask, 0122, TRAPPED},
    {"null", SYS_close, 0, 0},
    {"null/upper-half", SYS_close, 1ul << 40, TRAPPED},
};

static void test_attempt(gconstpointer data)
{
    const Attempt *attempt = data;

    g_assert_cmpint(status_of(attempt, FALSE), ==, attempt->expected);
}

static void test_trace(void)
{
    static const Attempt blocked = {.call = SYS_getgid};
    char text[256] = {0};
    int pipe_fds[2], copy = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10);

    /* Descriptor 3 has to stay closed, for the list. */
    g_assert_cmpint(pipe(pipe_fds), ==, 0);
    dup2(pipe_fds[1], STDERR_FILENO);
    close(pipe_fds[1]);
    int status = status_of(&blocked, TRUE);
    dup2(copy, STDERR_FILENO);
    close(copy);
    g_assert_cmpint(read(pipe_fds[0], text, sizeof(text) - 1), >, 0);
    close(pipe_fds[0]);
    g_assert_cmpint(status, ==, TRAPPED);
    g_assert_nonnull(strstr(text, "made the system call getgid ("));
}

static void test_text(void)
{
    g_autoptr(Calls) basics = calls_new();
    g_autoptr(Calls) calls = make_list();
    const Call again = CALL(umask, "again", .n = 1, .arguments = {CALL_IS(0, 0777)});
    const Call absent = {.call = -1, .why = "no such call here"};

    /* One only ever fails. */
    g_assert_cmpuint(calls_count(calls), ==, calls_count(basics) + G_N_ELEMENTS(list) - 1);
    calls_add_one(calls, &again);
    calls_add_one(calls, &absent);
    g_assert_cmpuint(calls_count(calls), ==, calls_count(basics) + G_N_ELEMENTS(list) - 1);

    g_autofree char *text = calls_text(calls);
    g_assert_nonnull(strstr(text, "\nlseek              on one descriptor: arg0 is 0x3\n"));
    g_assert_nonnull(strstr(text, "\numask              without these bits: arg0 & 0x1c0 is 0\n"));
    g_assert_nonnull(strstr(text, "\ngetppid            refused (always fails: "));
    g_assert_null(strstr(text, "no such call here"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(attempts); i++) {
        g_autofree char *path = g_strconcat("/sandbox/calls/", attempts[i].name, NULL);
        g_test_add_data_func(path, &attempts[i], test_attempt);
    }
    g_test_add_func("/sandbox/calls/trace", test_trace);
    g_test_add_func("/sandbox/calls/text", test_text);
    return g_test_run();
}
