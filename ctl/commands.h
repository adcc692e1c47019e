/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The commands. Each returns the exit status, after it has said what went wrong.
 */
#pragma once

#include "ctl/options.h"
#include "ctl/record.h"
#include "ctl/report.h"
#include "ctl/talk.h"
#include "policy/policy.h"

int command_list(const Options *options);
int command_watch(const Options *options);
int command_status(const Options *options);
int command_release(const Options *options);
int command_create(const Options *options);
int command_revoke(const Options *options);
int command_reload(const Options *options);
int command_explain(const Options *options);
int command_doctor(const Options *options);
int command_complete(const Options *options);

/* What several of them ask for. EXIT_YES: the object is set and the caller's; else nothing was
 * said, and `talk->error` says why. */
int ask_status(Talk *talk, const Options *options, JsonObject **statusp);
int ask_list(Talk *talk, const Options *options, Report **reportp);

/* --policy, else what the daemon says it uses (`status`, may be NULL), else what was compiled in.
 */
const char *policy_path(const Options *options, JsonObject *status);

/* Seconds by which a file of the policy at `path` is newer than what the daemon has loaded; 0 when
 * none is, or when that cannot be known. `policy` may be NULL: then only `path` itself is asked. */
gint64 policy_lag(const char *path, const Policy *policy, JsonObject *status);
