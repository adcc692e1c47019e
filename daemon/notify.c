/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Datagrams on a UNIX socket, which is connected before the sandbox closes: its path is not seen
 * from within. A manager that does not read loses a message, and nobody waits for it.
 */
#include "daemon/notify.h"

#include "daemon/log.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int notify_socket = -1;
static guint64 watchdog_ms; /* half of what the manager would wait; 0: it does not */
static guint watchdog_source;

static void say(const char *text)
{
    if (notify_socket >= 0 &&
        send(notify_socket, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
        log_debug("the service manager cannot be told %s: %s", text, g_strerror(errno));
}

static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    gsize size = strlen(path);

    if (size >= sizeof(address.sun_path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(address.sun_path, path, size);
    if (path[0] == '@')
        address.sun_path[0] = '\0';

    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    socklen_t length = (socklen_t)(G_STRUCT_OFFSET(struct sockaddr_un, sun_path) + size);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, length) < 0) {
        int code = errno;
        close(fd);
        errno = code;
        return -1;
    }
    return fd;
}

static guint64 number_in(const char *variable)
{
    const char *text = g_getenv(variable);

    return text == NULL ? 0 : g_ascii_strtoull(text, NULL, 10);
}

/* The variables may be meant for another process of the service. */
static void read_watchdog(void)
{
    guint64 pid = number_in("WATCHDOG_PID");

    if (pid == 0 || pid == (guint64)getpid())
        watchdog_ms = MIN(number_in("WATCHDOG_USEC") / 2000, G_MAXINT);
    g_unsetenv("WATCHDOG_PID");
    g_unsetenv("WATCHDOG_USEC");
}

void notify_open(void)
{
    const char *path = g_getenv("NOTIFY_SOCKET");

    read_watchdog();
    if (path == NULL)
        return;
    notify_socket = connect_to(path);
    if (notify_socket < 0)
        log_warning("cannot reach the service manager at %s: %s", path, g_strerror(errno));
    g_unsetenv("NOTIFY_SOCKET");
}

static gboolean on_watchdog(gpointer data)
{
    say("WATCHDOG=1");
    return G_SOURCE_CONTINUE;
}

void notify_ready(void)
{
    say("READY=1");
    if (notify_socket >= 0 && watchdog_ms > 0)
        watchdog_source = g_timeout_add((guint)watchdog_ms, on_watchdog, NULL);
}

void notify_stopping(void)
{
    say("STOPPING=1");
}

void notify_close(void)
{
    if (watchdog_source != 0)
        g_source_remove(watchdog_source);
    watchdog_source = 0;
    if (notify_socket >= 0)
        close(notify_socket);
    notify_socket = -1;
}
