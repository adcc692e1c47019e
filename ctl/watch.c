/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * watch: first what there is, then what happens, until somebody has seen enough.
 *
 * It waits for three things at once: a line of the daemon's, a signal, and that nobody reads our
 * output any more, which else would be noticed only at the next event, days later. Each line is
 * written at once and whole.
 */
#include "ctl/commands.h"

#include "ctl/output.h"
#include "ctl/show.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

static int open_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC);
}

static int show_line(const Options *options, const Line *line)
{
    g_autoptr(JsonObject) record = record_new(line, output_reader(options));
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autofree char *text = NULL;
    g_autofree char *when = NULL;
    g_autofree char *whole = NULL;

    if (options->json) {
        when = g_date_time_format_iso8601(now);
        json_object_set_string_member(record, "event", line->word);
        json_object_set_string_member(record, "time", when);
        return output_record(record, FALSE);
    }
    text = show_event(line->word, record);
    if (!text)
        return EXIT_YES;
    when = g_date_time_format(now, "%H:%M:%S");
    whole = g_strconcat(when, "  ", text, NULL);
    return output_text(whole);
}

/* All lines that are there. */
static int show_lines(Talk *talk, const Options *options)
{
    Line line;

    for (;;) {
        int status;

        switch (talk_take(talk, &line)) {
        case LINES_MORE:
            return EXIT_YES;
        case LINES_BAD:
            return output_failure(talk, EXIT_NO_DAEMON);
        case LINES_LINE:
            status = show_line(options, &line);
            if (status != EXIT_YES || output_closed())
                return status;
        }
    }
}

static int follow(Talk *talk, const Options *options, int signals)
{
    struct pollfd wait[] = {
        {.fd = talk->connection.socket, .events = POLLIN},
        {.fd = signals, .events = POLLIN},
        {.fd = STDOUT_FILENO, .events = 0}, /* POLLERR: a pipe without a reader */
    };

    for (;;) {
        int status = show_lines(talk, options);

        if (status != EXIT_YES || output_closed())
            return status;
        if (poll(wait, G_N_ELEMENTS(wait), -1) < 0 && errno != EINTR) {
            output_error("cannot wait: %s", strerror(errno));
            return EXIT_NO_DAEMON;
        }
        if (wait[1].revents || (wait[2].revents & POLLERR))
            return EXIT_YES;
        if (!wait[0].revents)
            continue;
        switch (talk_receive(talk)) {
        case TALK_LINE:
            break;
        case TALK_END:
            output_error("ontapd at %s has ended, or this watch fell too far behind",
                         options->socket);
            return EXIT_NO_DAEMON;
        case TALK_FAILED:
            return output_failure(talk, EXIT_NO_DAEMON);
        }
    }
}

int command_watch(const Options *options)
{
    g_autoptr(Talk) talk = talk_new();
    Line line;
    int status;
    int signals;

    talk_begin(talk, "watch");
    status = talk_start(talk, options->socket, &line);
    if (status != EXIT_YES)
        return output_failure(talk, status);
    signals = open_signals();
    if (signals < 0) {
        output_error("cannot wait for signals: %s", strerror(errno));
        return EXIT_NO_DAEMON;
    }
    status = follow(talk, options, signals);
    close(signals);
    return status;
}
