/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The command line of ontapd. docs/ontapd.8.scd is the reference.
 */
#pragma once

#include <glib.h>

typedef struct {
    char *policy;         /* file */
    char *socket;         /* path of the listening socket */
    char *netns;          /* path of the tap room */
    char *run_dir;        /* folder that holds the node room, as `dev` */
    char *learner;        /* the program ontap-learnd */
    char *user;           /* to run as once all is open */
    char *learner_user;   /* another, for the learner */
    gboolean prepare;     /* make both rooms and leave */
    gboolean tidy;        /* delete devices that nobody holds and leave */
    gboolean check;       /* check the policy and leave */
    gboolean print_calls; /* print the system calls of the sandbox and leave */
    gboolean debug;
    gboolean trace;
} Options;

/* Reads the command line. On false `*statusp` is the status to exit with: 0 after --help or
 * --version, 2 after an error, which has been printed. */
gboolean options_parse(Options *options, int argc, char **argv, int *statusp);
void options_deinit(Options *options);
