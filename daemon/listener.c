/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "daemon/listener.h"

#include "daemon/client-socket.h"
#include "daemon/log.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 512
#define ACCEPTS_A_TURN BACKLOG /* all that wait, and then one request is served */
#define ACCEPT_PAUSE_MS 100
#define SYSTEMD_FD 3 /* SD_LISTEN_FDS_START */

struct Listener {
    Service *service;
    int socket;
    guint source;
    GHashTable *peers;     /* set of Peer, owned */
    GHashTable *per_owner; /* uid -> number of his peers */
};

static gboolean fail(GError **error, const char *what, const char *path)
{
    int code = errno;

    g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(code), "cannot %s %s: %s", what, path,
                g_strerror(code));
    return FALSE;
}

/* Whether this process was started by socket activation; forgets it, so that no child believes it
 * was. */
static gboolean activated(void)
{
    const char *pid = g_getenv("LISTEN_PID");
    const char *fds = g_getenv("LISTEN_FDS");
    gboolean yes = pid != NULL && fds != NULL &&
                   g_ascii_strtoull(pid, NULL, 10) == (guint64)getpid() &&
                   g_ascii_strtoull(fds, NULL, 10) > 0;

    g_unsetenv("LISTEN_PID");
    g_unsetenv("LISTEN_FDS");
    g_unsetenv("LISTEN_FDNAMES");
    return yes;
}

static gboolean has_option(int socket, int option, int expected)
{
    int value;
    socklen_t size = sizeof(value);

    return getsockopt(socket, SOL_SOCKET, option, &value, &size) == 0 && value == expected;
}

static int take_systemd_socket(GError **error)
{
    if (!has_option(SYSTEMD_FD, SO_DOMAIN, AF_UNIX) ||
        !has_option(SYSTEMD_FD, SO_TYPE, SOCK_STREAM) ||
        !has_option(SYSTEMD_FD, SO_ACCEPTCONN, 1)) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                    "the socket unit must have one ListenStream= with a path, and Accept=no");
        return -1;
    }
    fcntl(SYSTEMD_FD, F_SETFD, FD_CLOEXEC);
    fcntl(SYSTEMD_FD, F_SETFL, O_NONBLOCK);
    return SYSTEMD_FD;
}

static gboolean bind_and_listen(int fd, const struct sockaddr_un *address, GError **error)
{
    const char *path = address->sun_path;

    if (unlink(path) < 0 && errno != ENOENT)
        return fail(error, "remove the stale socket", path);
    /* fchmod() before bind() does not count for the file, so the umask has to give way. Nothing
     * else runs in this process yet. */
    mode_t mask = umask(0111);
    int result = bind(fd, (const struct sockaddr *)address, sizeof(*address));
    umask(mask);
    if (result < 0)
        return fail(error, "listen on", path);
    return listen(fd, BACKLOG) == 0 || fail(error, "listen on", path);
}

int listener_open_socket(const char *path, GError **error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    if (activated())
        return take_systemd_socket(error);
    if (g_strlcpy(address.sun_path, path, sizeof(address.sun_path)) >= sizeof(address.sun_path)) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NAMETOOLONG,
                    "the path of the socket is longer than %zu bytes: %s",
                    sizeof(address.sun_path) - 1, path);
        return -1;
    }
    g_autofree char *folder = g_path_get_dirname(path);
    if (g_mkdir_with_parents(folder, 0755) < 0) {
        fail(error, "make folder", folder);
        return -1;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || !bind_and_listen(fd, &address, error)) {
        if (fd >= 0)
            close(fd);
        else
            fail(error, "make", "a socket");
        return -1;
    }
    return fd;
}

static guint peers_of(const Listener *listener, uid_t uid)
{
    return GPOINTER_TO_UINT(g_hash_table_lookup(listener->per_owner, GUINT_TO_POINTER(uid)));
}

static void set_peers_of(Listener *listener, uid_t uid, guint number)
{
    if (number > 0)
        g_hash_table_insert(listener->per_owner, GUINT_TO_POINTER(uid), GUINT_TO_POINTER(number));
    else
        g_hash_table_remove(listener->per_owner, GUINT_TO_POINTER(uid));
}

static void on_peer_ended(Peer *peer, gpointer data)
{
    Listener *listener = data;
    uid_t owner = peer_owner(peer);

    set_peers_of(listener, owner, peers_of(listener, owner) - 1);
    g_hash_table_steal(listener->peers, peer);
}

/* Says no without keeping anything. Nobody waits for this to arrive. */
static void turn_away(int fd, const Credentials *credentials, const char *text)
{
    Answer answer = {0};

    answer_refuse(&answer, REPLY_BUSY, text);
    send(fd, answer.text->str, answer.text->len, MSG_NOSIGNAL | MSG_DONTWAIT);
    answer_deinit(&answer);
    log_debug("uid %u (process %d) is turned away: %s", credentials->uid, credentials->pid, text);
    client_socket_close(fd);
}

static void admit(Listener *listener, int fd)
{
    Credentials credentials;
    g_autoptr(GError) error = NULL;

    if (!credentials_read(&credentials, fd, &error)) {
        log_warning("%s", error->message);
        client_socket_close(fd);
        return;
    }
    uid_t owner = policy_owner(listener->service->policy, credentials.uid);
    guint own = peers_of(listener, owner);
    gboolean full = g_hash_table_size(listener->peers) >= LISTENER_PEERS_TOTAL;
    if (own >= LISTENER_PEERS_PER_OWNER) {
        turn_away(fd, &credentials, "you have 32 requests open already; try again");
    } else if (full && owner != 0) {
        turn_away(fd, &credentials, "all users together have 512 requests open; try again");
    } else {
        set_peers_of(listener, owner, own + 1);
        g_hash_table_add(listener->peers,
                         peer_new(listener->service, fd, &credentials, on_peer_ended, listener));
    }
    credentials_deinit(&credentials);
}

static gboolean on_connection(gint socket, GIOCondition condition, gpointer data);

static gboolean accept_again(gpointer data)
{
    Listener *listener = data;

    listener->source = g_unix_fd_add(listener->socket, G_IO_IN, on_connection, listener);
    return G_SOURCE_REMOVE;
}

static gboolean on_connection(gint socket, GIOCondition condition, gpointer data)
{
    Listener *listener = data;

    for (int i = 0; i < ACCEPTS_A_TURN; i++) {
        int fd = accept4(socket, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            client_socket_refuse_descriptors(fd);
            admit(listener, fd);
            continue;
        }
        if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED)
            break;
        /* No descriptors or no memory: the connection stays queued, and asking at once again would
         * only burn time. */
        log_error("cannot accept a connection: %s", g_strerror(errno));
        listener->source = g_timeout_add(ACCEPT_PAUSE_MS, accept_again, listener);
        return G_SOURCE_REMOVE;
    }
    return G_SOURCE_CONTINUE;
}

static void free_peer(gpointer peer)
{
    peer_free(peer);
}

Listener *listener_new(Service *service, int socket)
{
    Listener *listener = g_new0(Listener, 1);

    listener->service = service;
    listener->socket = socket;
    client_socket_refuse_descriptors(socket);
    listener->peers = g_hash_table_new_full(g_direct_hash, g_direct_equal, free_peer, NULL);
    listener->per_owner = g_hash_table_new(g_direct_hash, g_direct_equal);
    listener->source = g_unix_fd_add(socket, G_IO_IN, on_connection, listener);
    return listener;
}

void listener_free(Listener *listener)
{
    g_source_remove(listener->source);
    g_hash_table_unref(listener->peers);
    g_hash_table_unref(listener->per_owner);
    g_free(listener);
}
