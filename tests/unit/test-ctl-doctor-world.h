/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Machines that have, or have not, what the doctor looks for: a folder of files and a Host.
 */
#pragma once

#include "ctl/doctor.h"

#define FILES_MAX 8
#define NET "/sys/class/net/"

typedef struct {
    const char *name;
    const char *check;
    /* `PATH=TEXT` is a file, `PATH>TARGET` a symbolic link, `PATH/` a folder. */
    const char *files[FILES_MAX];
    void (*prepare)(Host *host);
    FindingLevel level; /* of a finding with these words in it; none at all when `text` is NULL */
    const char *text;
    const char *hint;
} Case;

/* Each case as /ctl/doctor/NAME. */
void add_cases(const Case *cases, gsize n);

/* A machine without files, of an ordinary user. */
Host *machine_new(const char *root);
void tell_findings(const Doctor *doctor);

/* Nobody may reach anything: for Host.access. */
int not_allowed(const Host *host, const char *path, int mode);
/* What the policy is, and what the daemon answers. */
void policy_of(Host *host, const char *text);
void status_of(Host *host, const char *text);
void list_of(Host *host, const char *text);

/* What cases of both files change. */
void net_ipvtap(Host *host);
void net_parent_mac(Host *host);
void no_daemon(Host *host);
