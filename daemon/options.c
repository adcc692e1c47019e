/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "daemon/options.h"

#include "config.h"

#include <errno.h>
#include <stdio.h>

#define DEFAULT_NETNS "/run/netns/ontap"
#define DEFAULT_RUN_DIR "/run/ontap"
#define DEFAULT_USER "ontap"
#define DEFAULT_LEARNER_USER "ontap-learn"

static void set_default(char **optionp, const char *value)
{
    if (*optionp == NULL)
        *optionp = g_strdup(value);
}

/* The rooms and the socket are used from other working directories and after a change of root. */
static gboolean is_absolute(const char *option, const char *path)
{
    if (g_path_is_absolute(path))
        return TRUE;
    fprintf(stderr, "ontapd: %s %s: give the whole path, starting with /\n", option, path);
    return FALSE;
}

gboolean options_parse(Options *options, int argc, char **argv, int *statusp)
{
    gboolean version = FALSE;
    const GOptionEntry entries[] = {
        {"policy", 0, 0, G_OPTION_ARG_FILENAME, &options->policy,
         "Policy file (default " ONTAP_POLICY_FILE ")", "FILE"},
        {"socket", 0, 0, G_OPTION_ARG_FILENAME, &options->socket,
         "Listen here (default " ONTAP_SOCKET_PATH ")", "PATH"},
        {"netns", 0, 0, G_OPTION_ARG_FILENAME, &options->netns,
         "Network namespace of the devices (default " DEFAULT_NETNS ")", "PATH"},
        {"run-dir", 0, 0, G_OPTION_ARG_FILENAME, &options->run_dir,
         "Folder of the device nodes (default " DEFAULT_RUN_DIR ")", "DIR"},
        {"learner", 0, 0, G_OPTION_ARG_FILENAME, &options->learner,
         "Program that learns addresses (default " ONTAP_LEARND ")", "PROGRAM"},
        {"user", 0, 0, G_OPTION_ARG_STRING, &options->user,
         "Run as this user once all is open (default " DEFAULT_USER ")", "NAME"},
        {"learner-user", 0, 0, G_OPTION_ARG_STRING, &options->learner_user,
         "Run the learner as this user (default " DEFAULT_LEARNER_USER ", or that of --user)",
         "NAME"},
        {"prepare", 0, 0, G_OPTION_ARG_NONE, &options->prepare,
         "Make the namespace and the folder of nodes, then exit", NULL},
        {"tidy", 0, 0, G_OPTION_ARG_NONE, &options->tidy,
         "Delete devices in the host's namespace that nobody holds, then exit", NULL},
        {"check", 0, 0, G_OPTION_ARG_NONE, &options->check, "Check the policy, then exit", NULL},
        {"print-calls", 0, 0, G_OPTION_ARG_NONE, &options->print_calls,
         "Print the system calls that the sandbox allows, then exit", NULL},
        {"debug", 0, 0, G_OPTION_ARG_NONE, &options->debug, "Log every request", NULL},
        {"trace", 0, 0, G_OPTION_ARG_NONE, &options->trace, "Log every step", NULL},
        {"version", 0, 0, G_OPTION_ARG_NONE, &version, "Print the version, then exit", NULL},
        G_OPTION_ENTRY_NULL,
    };

    *options = (Options){0};

    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_option_context_set_summary(
        context, "Gives unprivileged users network devices for their virtual machines, under the\n"
                 "policy of the administrator. See ontapd(8) and ontap-policy(5).");
    g_option_context_add_main_entries(context, entries, NULL);

    g_autoptr(GError) error = NULL;
    *statusp = 2;
    if (!g_option_context_parse(context, &argc, &argv, &error)) {
        fprintf(stderr, "ontapd: %s; see ontapd --help\n", error->message);
        return FALSE;
    }
    if (argc > 1) {
        fprintf(stderr, "ontapd: unexpected argument %s; see ontapd --help\n", argv[1]);
        return FALSE;
    }
    if (version) {
        puts("ontapd " ONTAP_VERSION);
        *statusp = 0;
        return FALSE;
    }

    set_default(&options->policy, ONTAP_POLICY_FILE);
    set_default(&options->socket, ONTAP_SOCKET_PATH);
    set_default(&options->netns, DEFAULT_NETNS);
    set_default(&options->run_dir, DEFAULT_RUN_DIR);
    set_default(&options->learner, ONTAP_LEARND);
    /* Who names one user only may not have two. */
    set_default(&options->learner_user,
                options->user != NULL ? options->user : DEFAULT_LEARNER_USER);
    set_default(&options->user, DEFAULT_USER);
    return is_absolute("--socket", options->socket) && is_absolute("--netns", options->netns) &&
           is_absolute("--run-dir", options->run_dir) && is_absolute("--learner", options->learner);
}

void options_deinit(Options *options)
{
    g_clear_pointer(&options->policy, g_free);
    g_clear_pointer(&options->socket, g_free);
    g_clear_pointer(&options->netns, g_free);
    g_clear_pointer(&options->run_dir, g_free);
    g_clear_pointer(&options->learner, g_free);
    g_clear_pointer(&options->user, g_free);
    g_clear_pointer(&options->learner_user, g_free);
}
