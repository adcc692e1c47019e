/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * ontap-learnd: reads what guests and the LAN say about addresses, for ontapd, which starts it with
 * its sockets open and gives it nothing else.
 *
 *     ontap-learnd UID GID CHANNEL ROOM CLAIMS N TAP… PARENT…
 *
 * The first two are whom to go on as; the others are numbers of open descriptors, CLAIMS that of
 * the channel once more where there is no guard, and N is how many TAPs there are.
 */
#include "learner/confine.h"
#include "learner/filter.h"
#include "learner/supervisor.h"
#include "wire/line.h"

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

enum {
    ARGUMENT_UID = 1,
    ARGUMENT_GID,
    ARGUMENT_CHANNEL,
    ARGUMENT_ROOM,
    ARGUMENT_CLAIMS,
    ARGUMENT_N_TAPS,
    ARGUMENT_TAPS,
};

static gboolean read_numbers(int argc, char **argv, int *numbers)
{
    for (int i = 1; i < argc; i++) {
        uint64_t value;

        if (!line_parse_u64(argv[i], &value) || value > INT_MAX)
            return FALSE;
        numbers[i] = (int)value;
    }
    return argc >= ARGUMENT_TAPS && numbers[ARGUMENT_N_TAPS] <= argc - ARGUMENT_TAPS;
}

static int print_filters(void)
{
    Filter tap, parent;

    filter_tap(&tap);
    filter_parent(&parent, NULL);
    g_autofree char *tap_text = filter_text(&tap);
    g_autofree char *parent_text = filter_text(&parent);
    printf("A tap:\n%s\nA parent:\n%s", tap_text, parent_text);
    return 0;
}

/* As they would be with the channel as the first of its descriptors. */
static int print_calls(void)
{
    g_autoptr(Calls) worker = worker_calls(STDERR_FILENO + 1);
    g_autoptr(Calls) supervisor = supervisor_calls(STDERR_FILENO + 1);
    g_autofree char *worker_text = calls_text(worker);
    g_autofree char *supervisor_text = calls_text(supervisor);

    printf("The worker:\n%s\nThe supervisor:\n%s", worker_text, supervisor_text);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 2 && g_str_equal(argv[1], "--print-filters"))
        return print_filters();
    if (argc == 2 && g_str_equal(argv[1], "--print-calls"))
        return print_calls();

    g_autofree int *numbers = g_new0(int, MAX(argc, ARGUMENT_TAPS));
    g_autoptr(GError) error = NULL;

    if (!read_numbers(argc, argv, numbers)) {
        fprintf(stderr, "ontap-learnd: ontapd starts this program, with its sockets; see "
                        "ontapd(8)\n");
        return 2;
    }
    gboolean has_guard = numbers[ARGUMENT_CLAIMS] != numbers[ARGUMENT_CHANNEL];
    int first_parent = ARGUMENT_TAPS + numbers[ARGUMENT_N_TAPS];
    const WorkerSockets sockets = {
        .channel = numbers[ARGUMENT_CHANNEL],
        .room = numbers[ARGUMENT_ROOM],
        .claims = has_guard ? numbers[ARGUMENT_CLAIMS] : -1,
        .taps = numbers + ARGUMENT_TAPS,
        .n_taps = (guint)numbers[ARGUMENT_N_TAPS],
        .parents = numbers + first_parent,
        .n_parents = (guint)(argc - first_parent),
    };
    if (!confine((uid_t)numbers[ARGUMENT_UID], (gid_t)numbers[ARGUMENT_GID], &error)) {
        fprintf(stderr, "ontap-learnd: %s\n", error->message);
        return 1;
    }
    return supervisor_run(&sockets);
}
