/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * libseccomp makes the kernel's program out of a list. A call of another architecture's table (the
 * 32-bit one of x86) kills too: that is libseccomp's default, and the usual way around a filter.
 */
#include "sandbox/calls.h"

#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

struct Calls {
    GArray *list; /* of Call */
};

/* On 32-bit machines, where calls for 64-bit times and offsets have other names, this list and
 * those of the processes would have to grow. */
static const Call basics[] = {
    CALL(brk, "memory"),
    CALL(mmap, "memory, never executable", .n = 1, .arguments = {CALL_HAS(2, PROT_EXEC, 0)}),
    CALL(munmap, "memory"),
    CALL(mremap, "memory: a large block that grows"),
    CALL(futex, "locks of the C library and of GLib"),
    CALL(clock_gettime, "time, where the kernel gives it no other way"),
    CALL(gettimeofday, "the same, for g_slice of GLib before 2.76: how old its free memory is"),
    CALL(restart_syscall, "a wait goes on after the process was stopped"),
    CALL(exit_group, "the end"),
    CALL(rt_sigprocmask, "abort(3)"),
    CALL(rt_sigreturn, "return from a signal"),
    CALL(writev, "the C library's last words", .n = 1, .arguments = {CALL_IS(0, STDERR_FILENO)}),
    CALL(getpid, "abort(3)"),
    CALL(gettid, "abort(3)"),
    CALL(tgkill, "abort(3)", .n = 1, .arguments = {CALL_IS(2, SIGABRT)}),
};

void calls_add_one(Calls *calls, const Call *call)
{
    if (call->call >= 0)
        g_array_append_vals(calls->list, call, 1);
}

void calls_add(Calls *calls, const Call *list, gsize n)
{
    for (gsize i = 0; i < n; i++)
        calls_add_one(calls, &list[i]);
}

Calls *calls_new(void)
{
    Calls *calls = g_new0(Calls, 1);

    calls->list = g_array_new(FALSE, FALSE, sizeof(Call));
    calls_add(calls, basics, G_N_ELEMENTS(basics));
    return calls;
}

void calls_free(Calls *calls)
{
    g_array_unref(calls->list);
    g_free(calls);
}

guint calls_count(const Calls *calls)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_direct_hash, g_direct_equal);

    for (guint i = 0; i < calls->list->len; i++) {
        const Call *call = &g_array_index(calls->list, Call, i);
        if (call->error == 0)
            g_hash_table_add(seen, GINT_TO_POINTER(call->call));
    }
    return g_hash_table_size(seen);
}

static void append_conditions(GString *text, const Call *call)
{
    for (guint i = 0; i < call->n; i++) {
        const struct scmp_arg_cmp *argument = &call->arguments[i];
        guint64 mask = argument->datum_a, value = argument->datum_b;

        g_string_append_printf(text, "%s arg%u", i == 0 ? "" : " and", argument->arg);
        if (argument->op == SCMP_CMP_NE)
            g_string_append_printf(text, " is not %#" G_GINT64_MODIFIER "x", mask);
        else if (argument->op == SCMP_CMP_EQ)
            g_string_append_printf(text, " is %#" G_GINT64_MODIFIER "x", mask);
        else if (mask == G_MAXUINT32)
            g_string_append_printf(text, " is %#" G_GINT64_MODIFIER "x", value);
        else
            g_string_append_printf(text, " & %#" G_GINT64_MODIFIER "x is %#" G_GINT64_MODIFIER "x",
                                   mask, value);
    }
}

char *calls_text(const Calls *calls)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < calls->list->len; i++) {
        const Call *call = &g_array_index(calls->list, Call, i);
        char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, call->call);

        g_string_append_printf(text, "%-18s %s", name, call->why);
        if (call->error != 0)
            g_string_append_printf(text, " (always fails: %s)", g_strerror(call->error));
        if (call->n > 0)
            g_string_append_c(text, ':');
        append_conditions(text, call);
        g_string_append_c(text, '\n');
        free(name);
    }
    g_string_append_printf(text, "%u system calls\n", calls_count(calls));
    return g_string_free(text, FALSE);
}

/* The kernel has not done the call, and the process is in the middle of it: whatever memory its
 * allocator was holding stays as it is, for nothing but this runs any more. */
static void on_blocked(int signal, siginfo_t *info, void *context)
{
    char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, info->si_syscall);
    char line[128];
    int size = g_snprintf(line, sizeof(line),
                          "process %d made the system call %s (%d), which its "
                          "sandbox does not allow\n",
                          (int)getpid(), name != NULL ? name : "unknown", info->si_syscall);

    if (size > 0 && write(STDERR_FILENO, line, (gsize)size) < 0)
        _exit(128 + SIGSYS);
    _exit(128 + SIGSYS);
}

static gboolean report_blocked(void)
{
    const struct sigaction action = {.sa_sigaction = on_blocked, .sa_flags = SA_SIGINFO};

    return sigaction(SIGSYS, &action, NULL) == 0;
}

static int build(const Calls *calls, scmp_filter_ctx filter)
{
    /* no_new_privs is set by whoever calls: this may be a filter in a filter. */
    int result = seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0);

    if (result == 0)
        result = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
    if (result == 0)
        result = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    for (guint i = 0; result == 0 && i < calls->list->len; i++) {
        const Call *call = &g_array_index(calls->list, Call, i);
        guint32 action = call->error == 0 ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO((guint32)call->error);

        result = seccomp_rule_add_array(filter, action, call->call, call->n, call->arguments);
    }
    return result;
}

gboolean calls_enforce(const Calls *calls, gboolean trace, GError **error)
{
    if (!ONTAP_SECCOMP) {
        g_printerr("built without seccomp, for tests only: all system calls are allowed\n");
        return TRUE;
    }

    scmp_filter_ctx filter = seccomp_init(trace ? SCMP_ACT_TRAP : SCMP_ACT_KILL_PROCESS);
    int result = filter == NULL ? -ENOMEM : build(calls, filter);

    if (result == 0 && trace && !report_blocked())
        result = -errno;
    if (result == 0)
        result = seccomp_load(filter);
    if (filter != NULL)
        seccomp_release(filter);
    if (result == 0)
        return TRUE;
    g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(-result),
                "cannot restrict the system calls: %s (the kernel needs CONFIG_SECCOMP_FILTER)",
                g_strerror(-result));
    return FALSE;
}
