/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * GLib carries the entries to the journal; on anything else a line of our own is written, because
 * GLib's has a process id and a colour that help nobody here. Control characters never reach a
 * terminal: text from strangers is part of some entries.
 */
#include "daemon/log.h"

#include <errno.h>
#include <unistd.h>

static GLogLevelFlags log_level = G_LOG_LEVEL_MESSAGE;
static gboolean log_to_journal;

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

    for (gsize i = 0; i + 1 < size; i++)
        if (g_ascii_iscntrl(line[i]))
            line[i] = ' ';
    /* One write an entry, so that those of several processes do not mix. A log that nobody can
     * take is no reason to stop. */
    while (write(STDERR_FILENO, line, size) < 0 && errno == EINTR)
        ;
}

static GLogWriterOutput write_entry(GLogLevelFlags level, const GLogField *fields, gsize n_fields,
                                    gpointer data)
{
    if ((level & G_LOG_LEVEL_MASK) > log_level)
        return G_LOG_WRITER_HANDLED;
    if (log_to_journal &&
        g_log_writer_journald(level, fields, n_fields, NULL) == G_LOG_WRITER_HANDLED)
        return G_LOG_WRITER_HANDLED;
    for (gsize i = 0; i < n_fields; i++)
        if (g_str_equal(fields[i].key, "MESSAGE"))
            write_line(fields[i].value);
    return G_LOG_WRITER_HANDLED;
}

void log_init(GLogLevelFlags level)
{
    log_level = level;
    log_to_journal = g_log_writer_is_journald(STDERR_FILENO);
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
