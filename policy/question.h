/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Who may what: a question with names in it, and its answer. For ontap-policy and ontapctl.
 */
#pragma once

#include "policy/policy.h"

#define QUESTION_ERROR (question_error_quark())
GQuark question_error_quark(void);
typedef enum {
    QUESTION_ERROR_NOT_FOUND, /* no such user, group or network */
    QUESTION_ERROR_USAGE,     /* no such type */
} QuestionError;

typedef struct {
    const char *user;    /* a name or a uid; NULL: this process, with the groups that it has */
    const char *groups;  /* further ones, separated by commas; may be NULL */
    const char *network; /* NULL: the default one */
    const char *type;    /* NULL: the first of the network */
} Question;

typedef struct {
    char *user; /* as the question has it, or the name of this process's user */
    PolicySubject subject;
    GArray *groups; /* of gid_t, the subject's */
    const PolicyNetwork *network;
    DeviceType type;
    PolicyDecision decision;
} Verdict;

/* What the policy says. NULL when the question names something that is not there. The verdict is
 * not to outlive the policy. */
Verdict *question_judge(const Policy *policy, const Question *question, GError **error);
void verdict_free(Verdict *verdict);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Verdict, verdict_free)

/* Appends the groups that the user database has for `user`, the first one of `gid` included. */
void question_add_login_groups(const char *user, gid_t gid, GArray *groups);
/* Appends the groups that this process has, its gid included. */
void question_add_own_groups(GArray *groups);

/* When the newest of the policy's files was changed, in seconds since the epoch; 0 when that cannot
 * be known. A file that has been removed since is not noticed. */
gint64 question_newest_change(const Policy *policy);
