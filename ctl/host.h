/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * What the doctor knows before it judges: the machine, the user, the policy and the daemon. Every
 * file is read below `root`, so that a test can show a machine that has any illness.
 */
#pragma once

#include "ctl/options.h"
#include "ctl/report.h"
#include "policy/policy.h"

/* A network, from the policy or, where that cannot be read, from the daemon. */
typedef struct {
    char *name;
    char *parent;
    guint types; /* set of DeviceType; 0 when not known */
    gboolean mac_parent;
    gboolean host_on;
} HostNetwork;

typedef struct Host Host;
struct Host {
    const char *root; /* before every path; "" on a real machine */
    char *release;    /* of the kernel */
    /* 0, or the errno with which this user may not open the file. access(2)'s modes. */
    int (*access)(const Host *host, const char *path, int mode);

    uid_t uid;
    gid_t gid;
    char *user;
    GArray *groups;       /* of gid_t: those of this process */
    GArray *login_groups; /* of gid_t: those that the user database has */

    char *socket;
    int unreachable;    /* the errno of connect(), 0 when somebody answers */
    char *trouble;      /* what else was wrong with the answers, or NULL */
    JsonObject *status; /* NULL when there was no such answer; so is the next */
    Report *report;

    char *policy_path;
    Policy *policy; /* NULL when it could not be loaded, and then: */
    char *policy_error;
    GPtrArray *warnings; /* of char *, about the policy */
    gint64 policy_lag;   /* seconds by which the file is newer than what is in force */
    GPtrArray *networks; /* of HostNetwork */
};

/* Asks the daemon and reads the policy. */
Host *host_new(const Options *options);
/* Nothing but what is needed to ask about files below `root`. */
Host *host_new_empty(const char *root);
void host_free(Host *host);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Host, host_free)

/* Fills `networks` from the policy, else from the report. */
void host_find_networks(Host *host);

/* Of files, named by their path without the root. Without its last newline; NULL when it cannot be
 * read. */
char *host_read(const Host *host, const char *path);
gboolean host_exists(const Host *host, const char *path);
/* Whether a line of the file has this word, or a path that ends with it; blanks, colons, commas and
 * slashes separate words. */
gboolean host_file_has(const Host *host, const char *path, const char *word);
/* The last component of what a symbolic link points to; NULL when it is none. */
char *host_link(const Host *host, const char *path);
/* The names in a folder that begin with `prefix`, without it; of char *. */
GPtrArray *host_names(const Host *host, const char *folder, const char *prefix);
