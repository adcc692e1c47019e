/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * ontapd: gives unprivileged users network devices for their virtual machines.
 *
 * The start, in the order that safety asks for: read the policy, make the rooms, open everything
 * that will ever be needed (netlink in both namespaces, the lock list, the listening socket), give
 * up root, read back what an earlier run left, and only then listen to anybody. From there on a
 * GLib main loop does one short thing at a time; nothing polls and nothing sleeps.
 */
#include "config.h"
#include "daemon/identity.h"
#include "daemon/leftovers.h"
#include "daemon/listener.h"
#include "daemon/log.h"
#include "daemon/modules.h"
#include "daemon/notify.h"
#include "daemon/options.h"
#include "daemon/sandbox.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    EXIT_STATUS_FAILED = 1,
    EXIT_STATUS_USAGE = 2,
};

static Policy *load_policy(const char *file, PolicyLoadFlags flags, GError **error)
{
    g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
    Policy *policy = policy_load(file, flags, warnings, error);

    for (guint i = 0; i < warnings->len; i++)
        log_warning("%s", (const char *)g_ptr_array_index(warnings, i));
    return policy;
}

static void load_modules(Rtnl *host)
{
    if ((modules_load(host) & DEVICE_IPVTAP) == 0)
        log_warning("this kernel has no ipvtap (CONFIG_IPVTAP): guests cannot share their "
                    "parent's MAC, and on Wi-Fi there will be none");
}

static gboolean prepare_modules(GError **error)
{
    g_autoptr(Rtnl) host = rtnl_new(error);

    if (host != NULL)
        load_modules(host);
    return host != NULL;
}

/* While this is still root. A daemon that is running takes it as if the parent had gone. */
static void tidy_up(gboolean asked)
{
    g_autoptr(Rtnl) host = rtnl_new(NULL);

    if (host != NULL)
        leftovers_delete(host, asked);
}

/* A daemon without eBPF goes on, and says so itself. */
static void pin_programs(const char *netns_path)
{
    int netns = open(netns_path, O_RDONLY | O_CLOEXEC);
    Translator *translator = netns < 0 ? NULL : translator_open(netns, NULL);

    if (translator != NULL)
        translator_free(translator);
    if (netns >= 0)
        close(netns);
}

static gboolean prepare(const Options *options, const Identity *identity, GError **error)
{
    if (!rooms_prepare(options->netns, options->run_dir, identity->uid, identity->gid, error))
        return FALSE;
    pin_programs(options->netns);
    return TRUE;
}

/* Many users, each with descriptors in flight that count as ours: take all that may be had. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static gboolean on_signal(gint fd, GIOCondition condition, gpointer data)
{
    struct signalfd_siginfo info;

    if (read(fd, &info, sizeof(info)) == sizeof(info))
        log_notice("stopping on signal %u; devices and guests go on", info.ssi_signo);
    g_main_loop_quit(data);
    return G_SOURCE_REMOVE;
}

/* Not g_unix_signal_add(): it starts a thread. */
static int open_signals(GError **error)
{
    sigset_t signals;

    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGCHLD, SIG_IGN); /* children are reaped by themselves; see client-socket.c */
    int fd = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
    if (fd < 0)
        g_set_error_literal(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "cannot make a signalfd");
    return fd;
}

static gboolean run(Service *service, int socket, int signals, GError **error)
{
    if (!service_start(service, error))
        return FALSE;

    g_autoptr(Listener) listener G_GNUC_UNUSED = listener_new(service, socket);
    g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
    guint source = g_unix_fd_add(signals, G_IO_IN, on_signal, loop);
    log_notice("ontapd " ONTAP_VERSION " is ready: %zu networks",
               policy_n_networks(service->policy));
    notify_ready();
    service->loop = loop;
    g_main_loop_run(loop);
    notify_stopping();
    if (g_main_context_find_source_by_id(NULL, source) != NULL)
        g_source_remove(source);
    if (service->failure == NULL)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&service->failure));
    return FALSE;
}

/* The drivers must be loaded before the sandbox closes: it knows nodes by their numbers. */
static gboolean close_sandbox(Service *service, const Identity *identity, const Options *options,
                              GError **error)
{
    load_modules(service->kernel.host);
    return sandbox_close(&service->kernel.rooms, identity, options->trace, error);
}

static gboolean open_and_run(const Options *options, const ServicePlan *plan,
                             const Identity *identity, Policy *policy, GError **error)
{
    Service service;
    int socket = -1, signals = -1;

    notify_open();
    gboolean ok = service_open(&service, plan, policy, error) &&
                  (socket = listener_open_socket(options->socket, error)) >= 0 &&
                  (signals = open_signals(error)) >= 0 &&
                  close_sandbox(&service, identity, options, error) &&
                  run(&service, socket, signals, error);
    if (signals >= 0)
        close(signals);
    if (socket >= 0)
        close(socket);
    service_close(&service);
    notify_close();
    return ok;
}

static gboolean serve(const Options *options, Policy *policy, GError **error)
{
    Identity identity, learner;

    if (geteuid() == 0 && !options->prepare)
        tidy_up(options->tidy);
    if (options->tidy)
        return TRUE;
    if (!identity_find(&identity, options->user, error) ||
        !identity_find(&learner, options->learner_user, error))
        return FALSE;
    if (geteuid() == 0 &&
        (options->prepare || !rooms_are_prepared(options->netns, options->run_dir)) &&
        !prepare(options, &identity, error))
        return FALSE;
    if (options->prepare)
        return prepare_modules(error);

    const ServicePlan plan = {
        .netns = options->netns,
        .run_dir = options->run_dir,
        .learner = options->learner,
        .uid = learner.uid,
        .gid = learner.gid,
        .trace = options->trace,
    };

    raise_descriptor_limit();
    return open_and_run(options, &plan, &identity, policy, error);
}

/* As they would be now: the node room has a number, and drivers that are loaded. */
static void print_calls(void)
{
    g_autoptr(Calls) calls = sandbox_calls(STDERR_FILENO + 1);
    g_autofree char *text = calls_text(calls);

    fputs(text, stdout);
}

int main(int argc, char **argv)
{
    Options options;
    int status;

    sandbox_shut_inherited();
    umask(022); /* everybody has to reach the socket, whatever the shell of who started us */
    if (!options_parse(&options, argc, argv, &status)) {
        options_deinit(&options);
        return status;
    }
    if (options.print_calls) {
        print_calls();
        options_deinit(&options);
        return 0;
    }
    log_init(options.trace   ? G_LOG_LEVEL_DEBUG
             : options.debug ? G_LOG_LEVEL_INFO
                             : G_LOG_LEVEL_MESSAGE);

    g_autoptr(GError) error = NULL;
    gboolean no_policy = options.prepare || options.tidy;
    g_autoptr(Policy) policy =
        no_policy ? NULL
                  : load_policy(options.policy,
                                options.check ? POLICY_LOAD_STRICT : POLICY_LOAD_DEFAULT, &error);
    status = 0;
    if (policy == NULL && !no_policy)
        status = EXIT_STATUS_USAGE;
    else if (!options.check && !serve(&options, policy, &error))
        status = EXIT_STATUS_FAILED;
    if (error != NULL)
        log_error("%s", error->message);
    else if (options.check)
        printf("%s: ok\n", options.policy);
    options_deinit(&options);
    return status;
}
