/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Entries go to the journal by its own protocol, over a socket that is connected at the start:
 * GLib's writer, and libsystemd, look for its path at every entry, and the sandbox has none. When
 * there is no journal, or it does not take an entry, a line is written to standard error. Control
 * characters never reach a terminal: text from strangers is part of some entries.
 */
#include "daemon/log.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define JOURNAL_SOCKET "/run/systemd/journal/socket"

static GLogLevelFlags log_level = G_LOG_LEVEL_MESSAGE;
static int journal = -1; /* connected to the journal, when standard error is its */

/* syslog(3)'s numbers; GLib's levels are bits, the more severe the smaller. */
static const char *priority_text(GLogLevelFlags level)
{
    switch (level & G_LOG_LEVEL_MASK) {
    case G_LOG_LEVEL_ERROR:
    case G_LOG_LEVEL_CRITICAL:
        return "3";
    case G_LOG_LEVEL_WARNING:
        return "4";
    case G_LOG_LEVEL_MESSAGE:
        return "5";
    case G_LOG_LEVEL_INFO:
        return "6";
    default:
        return "7";
    }
}

static void write_line(const char *message)
{
    g_autofree char *line = g_strdup_printf("ontapd: %s\n", message);
    gsize size = strlen(line);
    struct pollfd room = {.fd = STDERR_FILENO, .events = POLLOUT};

    for (gsize i = 0; i + 1 < size; i++)
        if (g_ascii_iscntrl(line[i]))
            line[i] = ' ';
    /* A log that nobody takes is no reason to stop, or to wait: it may be the journal's own stream,
     * or a pipe that nobody reads. One write an entry, so that those of several processes do not
     * mix. */
    if (poll(&room, 1, 0) < 1 || (room.revents & POLLOUT) == 0)
        return;
    while (write(STDERR_FILENO, line, size) < 0 && errno == EINTR)
        ;
}

static int connect_journal(void)
{
    static const struct sockaddr_un address = {AF_UNIX, JOURNAL_SOCKET};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* systemd's "Native Journal Protocol": KEY=VALUE and a newline; a value that has a newline itself
 * stands behind KEY, a newline and its size in 64 bits, little-endian. */
static void append_field(GString *entry, const char *key, const char *value)
{
    g_string_append(entry, key);
    if (strchr(value, '\n') == NULL) {
        g_string_append_c(entry, '=');
    } else {
        guint64 size = GUINT64_TO_LE((guint64)strlen(value));

        g_string_append_c(entry, '\n');
        g_string_append_len(entry, (const char *)&size, sizeof(size));
    }
    g_string_append(entry, value);
    g_string_append_c(entry, '\n');
}

static gboolean write_journal(const GLogField *fields, gsize n_fields)
{
    if (journal < 0)
        return FALSE;

    GString *entry = g_string_new(NULL);
    for (gsize i = 0; i < n_fields; i++)
        if (fields[i].length < 0) /* a string; others are GLib's own */
            append_field(entry, fields[i].key, fields[i].value);
    ssize_t sent = send(journal, entry->str, entry->len, MSG_NOSIGNAL | MSG_DONTWAIT);
    gboolean taken = sent == (ssize_t)entry->len;
    g_string_free(entry, TRUE);
    return taken;
}

static GLogWriterOutput write_entry(GLogLevelFlags level, const GLogField *fields, gsize n_fields,
                                    gpointer data)
{
    if ((level & G_LOG_LEVEL_MASK) > log_level)
        return G_LOG_WRITER_HANDLED;
    if (write_journal(fields, n_fields))
        return G_LOG_WRITER_HANDLED;
    for (gsize i = 0; i < n_fields; i++)
        if (g_str_equal(fields[i].key, "MESSAGE"))
            write_line(fields[i].value);
    return G_LOG_WRITER_HANDLED;
}

void log_init(GLogLevelFlags level)
{
    log_level = level;
    if (g_log_writer_is_journald(STDERR_FILENO))
        journal = connect_journal();
    g_log_set_writer_func(write_entry, NULL, NULL);
}

void log_entry(GLogLevelFlags level, const LogAbout *about, const char *format, ...)
{
    if (level > log_level)
        return;

    va_list arguments;
    va_start(arguments, format);
    g_autofree char *message = g_strdup_vprintf(format, arguments);
    va_end(arguments);

    char uid[16];
    GLogField fields[8] = {
        {"MESSAGE", message, -1},
        {"PRIORITY", priority_text(level), -1},
        {"SYSLOG_IDENTIFIER", "ontapd", -1},
    };
    gsize n = 3;
    if (about->uid != G_MAXUINT32) {
        g_snprintf(uid, sizeof(uid), "%u", about->uid);
        fields[n++] = (GLogField){"ONTAP_UID", uid, -1};
    }
    if (about->network != NULL)
        fields[n++] = (GLogField){"ONTAP_NETWORK", about->network, -1};
    if (about->name != NULL)
        fields[n++] = (GLogField){"ONTAP_NAME", about->name, -1};
    if (about->ifname != NULL)
        fields[n++] = (GLogField){"ONTAP_IFNAME", about->ifname, -1};
    g_log_structured_array(level, fields, n);
}
