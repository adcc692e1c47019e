/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The stand-in for the daemon, and how programs are started in odd ways: without environment,
 * with closed standard descriptors, with a descriptor under a number of our choice.
 */
#include "tests/unit/test-helper-daemon.h"
#include "wire/fds.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static void serve(Daemon *daemon, int client, const int *fds)
{
    const Script *script = &daemon->script;
    size_t size = script->size > 0 ? script->size : strlen(script->reply ? script->reply : "");
    size_t start = strlen(daemon->request);
    size_t used = start;
    char byte;

    if (script->unread) {
        struct pollfd pollfd = {.fd = client, .events = POLLIN};

        poll(&pollfd, 1, -1);
    }
    while (!script->deaf && !script->unread && !strchr(daemon->request + start, '\n')) {
        ssize_t n = read(client, daemon->request + used, sizeof(daemon->request) - 1 - used);

        if (n <= 0)
            return;
        used += (size_t)n;
    }
    if (!script->reply) {
        (void)!read(client, &byte, 1); /* until the client has had enough */
        return;
    }
    if (script->n_fds > 0) {
        fds_send(client, script->reply, 1, fds, script->n_fds);
        fds_send(client, script->reply + 1, size - 2, NULL, 0);
        fds_send(client, script->reply + size - 1, 1, fds + script->n_fds, script->n_fds_end);
    } else if (size > 0) {
        fds_send(client, script->reply, size, fds, script->n_fds_end);
    }
    if (script->linger > 0) {
        (void)!read(script->linger, &byte, 1);
        close(script->linger);
    }
}

static void *run_daemon(void *data)
{
    Daemon *daemon = data;
    unsigned clients = MAX(daemon->script.clients, 1);
    const int *fds = daemon->fds;

    for (unsigned i = 0; i < clients; i++) {
        int client = accept4(daemon->listener, NULL, NULL, SOCK_CLOEXEC);

        if (client < 0)
            break;
        serve(daemon, client, fds);
        close(client);
        fds += daemon->script.n_fds + daemon->script.n_fds_end;
    }
    return NULL;
}

Daemon *daemon_start(Script script)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    Daemon *daemon = g_new0(Daemon, 1);

    daemon->script = script;
    daemon->folder = g_dir_make_tmp("ontap-test-XXXXXX", NULL);
    g_assert_nonnull(daemon->folder);
    daemon->path = g_build_filename(daemon->folder, "socket", NULL);
    g_strlcpy(address.sun_path, daemon->path, sizeof(address.sun_path));
    daemon->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(bind(daemon->listener, (struct sockaddr *)&address, sizeof(address)), ==, 0);
    g_assert_cmpint(listen(daemon->listener, 4), ==, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(daemon->fds); i++)
        daemon->fds[i] = memfd_create("device", MFD_CLOEXEC);
    daemon->thread = g_thread_new("daemon", run_daemon, daemon);
    return daemon;
}

void daemon_stop(Daemon *daemon)
{
    shutdown(daemon->listener, SHUT_RDWR); /* wakes an accept() that nobody came to */
    g_thread_join(daemon->thread);
    close(daemon->listener);
    for (size_t i = 0; i < G_N_ELEMENTS(daemon->fds); i++)
        close(daemon->fds[i]);
    g_unlink(daemon->path);
    g_rmdir(daemon->folder);
    g_free(daemon->folder);
    g_free(daemon->path);
    g_free(daemon);
}

uint64_t inode(int fd)
{
    struct stat status;

    g_assert_cmpint(fstat(fd, &status), ==, 0);
    return status.st_ino;
}

static void set_up_child(void *data)
{
    const Start *start = data;
    int pair[2];

    close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
    if (start->closed)
        close_range(0, 2, 0);
    if (start->mute)
        close_range(1, 2, 0);
    if (start->broken_pipe && pipe(pair) == 0) {
        dup2(pair[1], STDERR_FILENO);
        close(pair[0]);
        close(pair[1]); /* not the range: the socket to keep may lie between */
    }
    if (start->keep > 0 && start->as > 0)
        dup2(start->keep, start->as);
    else if (start->keep > 0)
        fcntl(start->keep, F_SETFD, 0);
}

int run(Start start, char **argv, char **environment, char **outp, char **errp)
{
    g_autoptr(GError) error = NULL;
    char *none[] = {NULL};
    int status;

    g_spawn_sync(NULL, argv, environment ? environment : none, G_SPAWN_LEAVE_DESCRIPTORS_OPEN,
                 set_up_child, &start, outp, errp, &status, &error);
    g_assert_no_error(error);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

char **make_argv(const Daemon *daemon, const char *program, const char *const *arguments)
{
    GPtrArray *argv = g_ptr_array_new();

    g_ptr_array_add(argv, g_strdup(program));
    for (; *arguments; arguments++)
        g_ptr_array_add(argv, strcmp(*arguments, "@") == 0
                                  ? g_strconcat("--socket=", daemon->path, NULL)
                                  : g_strdup(*arguments));
    g_ptr_array_add(argv, NULL);
    return (char **)g_ptr_array_free(argv, FALSE);
}
