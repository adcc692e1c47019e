/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Options may stand before and after the command. A word with a `=` must be a key that the command
 * takes, with or without `--` before it: a filter that was misspelt and left out would revoke too
 * much.
 */
#include "ctl/options.h"

#include "config.h"
#include "helper/connection.h"
#include "helper/program.h"

#include <string.h>

static const char *const key_names[OPTION_KEYS] = {
    [OPTION_USER] = "user",   [OPTION_NETWORK] = "network", [OPTION_NAME] = "name",
    [OPTION_OWNER] = "owner", [OPTION_TYPE] = "type",       [OPTION_QUEUES] = "queues",
    [OPTION_WHAT] = "what",
};

static const char usage_head[] = "Usage: ontapctl [--json] [--socket PATH] COMMAND [ARGUMENT…]\n"
                                 "       ontapctl COMMAND --help\n"
                                 "       ontapctl --help | --version\n"
                                 "\n";

static const char usage_tail[] =
    "\n"
    "--json           for programs: ontapctl-json(5)\n"
    "--socket PATH    of the daemon; also $ONTAP_SOCKET\n"
    "Exit status: 0 yes, 1 denied or not found, 2 usage or bad file, 3 no daemon.\n"
    "See ontapctl(1).\n";

static gboolean wrong(int *statusp, const char *what, const char *word)
{
    program_error("ontapctl", "%s%s (see ontapctl --help)", what, word);
    *statusp = EXIT_WRONG;
    return FALSE;
}

static gboolean show_help(const Command *commands, const Command *command, int *statusp)
{
    g_autoptr(GString) text = g_string_new(NULL);

    if (command) {
        g_string_append_printf(text, "Usage: ontapctl %s%s%s\n\n%s", command->name,
                               *command->arguments ? " " : "", command->arguments, command->help);
    } else {
        g_string_append(text, usage_head);
        for (; commands->name; commands++)
            if (commands->help)
                g_string_append_printf(text, "%-8s  %.*s\n", commands->name,
                                       (int)strcspn(commands->help, "\n"), commands->help);
        g_string_append(text, usage_tail);
    }
    *statusp = program_print(text->str) ? EXIT_YES : EXIT_WRONG;
    return FALSE;
}

static const Command *find_command(const Command *commands, const char *name)
{
    for (; commands->name; commands++)
        if (strcmp(commands->name, name) == 0)
            return commands;
    return NULL;
}

static int find_key(const Command *command, const char *word, const char **valuep)
{
    const char *equals = strchr(word, '=');

    if (!equals) {
        *valuep = word;
        return command->bare;
    }
    *valuep = equals + 1;
    for (int key = 0; key < OPTION_WHAT; key++)
        if ((command->keys & OPTION_BIT(key)) && strlen(key_names[key]) == (gsize)(equals - word) &&
            memcmp(key_names[key], word, (gsize)(equals - word)) == 0)
            return key;
    return -1;
}

static gboolean take_word(Options *options, const Command *commands, const char *word, int *statusp)
{
    const char *value;
    int key;

    if (!options->command) {
        options->command = find_command(commands, word);
        return options->command || wrong(statusp, "no such command: ", word);
    }
    key = find_key(options->command, word, &value);
    if (key < 0 && !*options->command->arguments)
        return wrong(statusp, "this command takes no ", word);
    if (key < 0) {
        program_error("ontapctl", "%s takes %s, not %s (see ontapctl --help)",
                      options->command->name, options->command->arguments, word);
        *statusp = EXIT_WRONG;
        return FALSE;
    }
    if (!*value)
        return wrong(statusp, "empty: ", word);
    if (options->values[key])
        return wrong(statusp, "a second time: ", word);
    options->values[key] = value;
    return TRUE;
}

/* `--NAME VALUE` or `--NAME=VALUE`. NULL when `argv[*i]` is another option; "" when the value is
 * missing. */
static const char *option_value(const char *name, int argc, char **argv, int *i)
{
    const char *word = argv[*i];
    gsize size = strlen(name);

    /* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): no argument is NULL */
    if (strncmp(word, name, size) != 0 || (word[size] != '=' && word[size] != '\0'))
        return NULL;
    if (word[size] == '=')
        return word + size + 1;
    return *i + 1 < argc ? argv[++*i] : "";
}

/* Whether it is a key of the command, written as an option: `--network=lan`. */
static gboolean is_key_option(const Options *options, const char *word)
{
    const char *value;

    return options->command && strncmp(word, "--", 2) == 0 && strchr(word, '=') &&
           find_key(options->command, word + 2, &value) >= 0;
}

static gboolean take_option(Options *options, const Command *commands, int argc, char **argv,
                            int *i, int *statusp)
{
    const char *word = argv[*i];
    const char *value;

    if (strcmp(word, "--json") == 0) {
        options->json = TRUE;
        return TRUE;
    }
    if (is_key_option(options, word))
        return take_word(options, commands, word + 2, statusp);
    if ((value = option_value("--socket", argc, argv, i)))
        options->socket = value;
    else if ((value = option_value("--policy", argc, argv, i)))
        options->policy = value;
    else
        return wrong(statusp, "no such option: ", word);
    return *value || wrong(statusp, "a path is missing behind ", word);
}

static gboolean check(const Options *options, int *statusp)
{
    const Command *command = options->command;

    if (!command)
        return wrong(statusp, "what shall be done? e.g. ontapctl list", "");
    if (command->required >= 0 && !options->values[command->required])
        return wrong(statusp, "missing: ", command->arguments);
    if (options->policy && !command->takes_policy)
        return wrong(statusp, "--policy is not for ", command->name);
    return TRUE;
}

gboolean options_read(Options *options, const Command *commands, int argc, char **argv,
                      int *statusp)
{
    gboolean help = FALSE;

    *options = (Options){0};
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--version") == 0) {
            *statusp = program_print("ontapctl " ONTAP_VERSION "\n") ? EXIT_YES : EXIT_WRONG;
            return FALSE;
        }
        if (strcmp(argv[i], "--help") == 0) {
            help = TRUE;
            continue;
        }
        if (argv[i][0] == '-' ? !take_option(options, commands, argc, argv, &i, statusp)
                              : !take_word(options, commands, argv[i], statusp))
            return FALSE;
    }
    if (help)
        return show_help(commands, options->command, statusp);
    options->socket = connection_path(options->socket);
    return check(options, statusp);
}
