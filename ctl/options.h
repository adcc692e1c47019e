/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The command line: `ontapctl [OPTION…] COMMAND [OPTION…] [KEY=VALUE…]`.
 */
#pragma once

#include <glib.h>

enum {
    EXIT_YES = 0,
    EXIT_NO = 1,        /* denied, or not found; doctor: something fails */
    EXIT_WRONG = 2,     /* usage, or a bad policy */
    EXIT_NO_DAEMON = 3, /* no daemon, or it broke off */
};

/* What a command may be told as KEY=VALUE. */
typedef enum {
    OPTION_USER,
    OPTION_NETWORK,
    OPTION_NAME,
    OPTION_OWNER,
    OPTION_TYPE,
    OPTION_QUEUES,
    OPTION_WHAT, /* no key: `complete` takes a bare word */
    OPTION_KEYS,
} OptionKey;

#define OPTION_BIT(key) (1u << (key))

typedef struct Options Options;

typedef struct {
    const char *name;
    const char *arguments; /* as the help shows them */
    const char *help;      /* lines; NULL hides the command */
    guint keys;            /* set of OPTION_BIT() */
    int bare;              /* the key of a word without a `=`; -1: there is none */
    int required;          /* a key that must be there; -1: none */
    gboolean takes_policy; /* --policy FILE */
    int (*run)(const Options *options);
} Command;

struct Options {
    const Command *command;
    gboolean json;
    const char *socket; /* the path to use, never NULL */
    const char *policy; /* --policy, or NULL */
    const char *values[OPTION_KEYS];
};

/* Reads the command line with a table of commands, whose end is a NULL name. EXIT_YES: `options`
 * is set. Otherwise it has been dealt with (--help, --version, a mistake, which is shown), and
 * `*statusp` is the exit status. */
gboolean options_read(Options *options, const Command *commands, int argc, char **argv,
                      int *statusp);
