/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * A process may have other groups than a login of its user has: who has just been added to one has
 * it only after he has logged in again. So the question about oneself goes by the process, which is
 * what the daemon sees, and one about another user by the user database.
 */
#include "policy/question.h"

#include "policy/internal.h"
#include "policy/resolve.h"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

G_DEFINE_QUARK(question_error, question_error)

void question_add_login_groups(const char *user, gid_t gid, GArray *groups)
{
    guint before = groups->len;
    int n = 64;

    g_array_set_size(groups, before + (guint)n);
    if (getgrouplist(user, gid, &g_array_index(groups, gid_t, before), &n) < 0) {
        g_array_set_size(groups, before + (guint)n);
        getgrouplist(user, gid, &g_array_index(groups, gid_t, before), &n);
    }
    g_array_set_size(groups, before + (guint)n);
}

void question_add_own_groups(GArray *groups)
{
    gid_t gid = getegid();
    int n = getgroups(0, NULL);
    guint before = groups->len;

    if (n > 0) {
        g_array_set_size(groups, before + (guint)n);
        n = getgroups(n, &g_array_index(groups, gid_t, before));
        g_array_set_size(groups, before + (guint)MAX(n, 0));
    }
    g_array_append_val(groups, gid);
}

static void take_process(Verdict *verdict)
{
    const struct passwd *entry = getpwuid(geteuid());

    verdict->user = entry ? g_strdup(entry->pw_name) : g_strdup_printf("%u", (unsigned)geteuid());
    verdict->subject.uid = geteuid();
    verdict->subject.gid = getegid();
    question_add_own_groups(verdict->groups);
}

/* An uid that is not in the user database has no groups. */
static gboolean take_user(Verdict *verdict, const char *name, GError **error)
{
    const struct passwd *entry;

    verdict->user = g_strdup(name);
    if (!resolve_user(&name_source_system, name, &verdict->subject.uid)) {
        g_set_error(error, QUESTION_ERROR, QUESTION_ERROR_NOT_FOUND, "no user '%s'", name);
        return FALSE;
    }
    verdict->subject.gid = (gid_t)-1;
    entry = getpwuid(verdict->subject.uid);
    if (entry) {
        verdict->subject.gid = entry->pw_gid;
        question_add_login_groups(entry->pw_name, entry->pw_gid, verdict->groups);
    }
    return TRUE;
}

static gboolean add_groups(Verdict *verdict, const char *names, GError **error)
{
    g_auto(GStrv) list = g_strsplit(names, ",", -1);

    for (char **name = list; *name; name++) {
        gid_t gid;

        if (!resolve_group(&name_source_system, *name, &gid)) {
            g_set_error(error, QUESTION_ERROR, QUESTION_ERROR_NOT_FOUND, "no group '%s'", *name);
            return FALSE;
        }
        g_array_append_val(verdict->groups, gid);
    }
    return TRUE;
}

static gboolean find_network(Verdict *verdict, const Policy *policy, const char *name,
                             GError **error)
{
    g_autoptr(GString) known = g_string_new(NULL);

    verdict->network = policy_network_for_request(policy, name ? name : "");
    if (verdict->network)
        return TRUE;
    for (size_t i = 0; i < policy_n_networks(policy); i++)
        g_string_append_printf(known, " %s", policy_network(policy, i)->name);
    if (known->len == 0)
        g_string_append(known, " none");
    if (name)
        g_set_error(error, QUESTION_ERROR, QUESTION_ERROR_NOT_FOUND,
                    "no network '%s'; the policy has:%s", name, known->str);
    else
        g_set_error(error, QUESTION_ERROR, QUESTION_ERROR_NOT_FOUND,
                    "the policy has no default network, so name one with network=:%s", known->str);
    return FALSE;
}

static gboolean find_type(Verdict *verdict, const char *type, GError **error)
{
    verdict->type = verdict->network->type;
    if (!type || device_type_parse(type, &verdict->type))
        return TRUE;
    g_set_error(error, QUESTION_ERROR, QUESTION_ERROR_USAGE,
                "type= takes ipvtap, macvtap, ipvlan or macvlan, not %s", type);
    return FALSE;
}

static gboolean find_subject(Verdict *verdict, const Question *question, GError **error)
{
    if (!question->user)
        take_process(verdict);
    else if (!take_user(verdict, question->user, error))
        return FALSE;
    if (question->groups && !add_groups(verdict, question->groups, error))
        return FALSE;
    verdict->subject.groups = (const gid_t *)(const void *)verdict->groups->data;
    verdict->subject.n_groups = verdict->groups->len;
    return TRUE;
}

Verdict *question_judge(const Policy *policy, const Question *question, GError **error)
{
    g_autoptr(Verdict) verdict = g_new0(Verdict, 1);

    verdict->groups = g_array_new(FALSE, FALSE, sizeof(gid_t));
    if (!find_network(verdict, policy, question->network, error) ||
        !find_type(verdict, question->type, error) || !find_subject(verdict, question, error))
        return NULL;
    policy_decide(policy, &verdict->subject, verdict->network, verdict->type, &verdict->decision);
    return g_steal_pointer(&verdict);
}

void verdict_free(Verdict *verdict)
{
    g_array_unref(verdict->groups);
    g_free(verdict->user);
    g_free(verdict);
}

gint64 question_newest_change(const Policy *policy)
{
    gint64 newest = 0;

    for (guint i = 0; i < policy->tree->files->len; i++) {
        struct stat status;

        if (stat(g_ptr_array_index(policy->tree->files, i), &status) == 0)
            newest = MAX(newest, (gint64)status.st_mtime);
    }
    return newest;
}
