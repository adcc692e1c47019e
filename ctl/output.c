/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Whoever reads us may leave whenever he has seen enough: that is his success, and ours. SIGPIPE is
 * ignored by main(), so that this is decided here.
 */
#include "ctl/output.h"

#include "ctl/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static gboolean closed;

gboolean output_closed(void)
{
    return closed;
}

int output_text(const char *text)
{
    gsize left = strlen(text);

    while (left > 0 && !closed) {
        ssize_t written = write(STDOUT_FILENO, text, left);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0 && errno == EPIPE) {
            closed = TRUE;
            break;
        }
        if (written < 0) {
            output_error("cannot write: %s", strerror(errno));
            return EXIT_WRONG;
        }
        text += written;
        left -= (gsize)written;
    }
    return EXIT_YES;
}

int output_record(JsonObject *record, gboolean indented)
{
    g_autofree char *json = record_to_json(record, indented);
    g_autofree char *line = g_strconcat(json, "\n", NULL);

    return output_text(line);
}

G_GNUC_PRINTF(2, 0)
static void complain(const char *prefix, const char *format, va_list arguments)
{
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    g_autofree char *safe = text_safe(text);

    fprintf(stderr, "%s: %s\n", prefix, safe);
}

void output_error(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    complain("ontapctl", format, arguments);
    va_end(arguments);
}

void output_warning(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    complain("warning", format, arguments);
    va_end(arguments);
}

int output_failure(const Talk *talk, int status)
{
    output_error("%s", talk->error);
    return status;
}

RecordReader output_reader(const Options *options)
{
    return options->json ? RECORD_FOR_PROGRAMS : RECORD_FOR_PEOPLE;
}
