/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * list, status, release, revoke, complete: one question, one answer.
 */
#include "ctl/commands.h"

#include "config.h"
#include "ctl/output.h"
#include "ctl/show.h"
#include "policy/question.h"
#include "policy/resolve.h"
#include "wire/device.h"

#include <string.h>
#include <sys/stat.h>
#include <time.h>

int ask_list(Talk *talk, const Options *options, Report **reportp)
{
    g_autoptr(Report) report = report_new();
    TalkResult result;
    Line line;
    int status;

    talk_begin(talk, "list");
    status = talk_start(talk, options->socket, &line);
    if (status != EXIT_YES)
        return status;
    while ((result = talk_next(talk, &line)) == TALK_LINE)
        report_add(report, line.word, record_new(&line, output_reader(options)));
    if (result == TALK_FAILED)
        return EXIT_NO_DAEMON;
    *reportp = g_steal_pointer(&report);
    return EXIT_YES;
}

/* The answer is one line. */
static int ask(Talk *talk, const Options *options, JsonObject **answerp)
{
    Line line;
    int status = talk_start(talk, options->socket, &line);

    if (status == EXIT_YES)
        *answerp = record_new(&line, output_reader(options));
    return status;
}

int ask_status(Talk *talk, const Options *options, JsonObject **statusp)
{
    talk_begin(talk, "status");
    return ask(talk, options, statusp);
}

const char *policy_path(const Options *options, JsonObject *status)
{
    return options->policy ? options->policy : record_text(status, "policy", ONTAP_POLICY_FILE);
}

gint64 policy_lag(const char *path, const Policy *policy, JsonObject *status)
{
    gint64 age = record_number(status, "policy-age", -1);
    gint64 changed = policy ? question_newest_change(policy) : 0;
    struct stat file;

    if (age < 0 || strcmp(path, record_text(status, "policy", "")) != 0)
        return 0;
    if (!policy && stat(path, &file) == 0)
        changed = file.st_mtime;
    return MAX(changed - ((gint64)time(NULL) - age), 0);
}

int command_list(const Options *options)
{
    g_autoptr(Talk) talk = talk_new();
    g_autoptr(Report) report = NULL;
    g_autofree char *text = NULL;
    int status = ask_list(talk, options, &report);

    if (status != EXIT_YES)
        return output_failure(talk, status);
    if (options->json)
        return output_record(report_whole(report), TRUE);
    text = show_report(report);
    return output_text(text);
}

int command_status(const Options *options)
{
    g_autoptr(Talk) talk = talk_new();
    g_autoptr(JsonObject) answer = NULL;
    g_autofree char *text = NULL;
    int status = ask_status(talk, options, &answer);

    if (status != EXIT_YES)
        return output_failure(talk, status);
    if (options->json)
        return output_record(answer, TRUE);
    text = show_status(answer);
    if (policy_lag(policy_path(options, answer), NULL, answer) > 0)
        output_warning("the policy file is newer than what is in force (ontapctl reload)");
    return output_text(text);
}

/* owner= of the command line is a name or a number; the protocol's is a number. */
static gboolean add_owner(Talk *talk, const Options *options, int *statusp)
{
    const char *owner = options->values[OPTION_OWNER];
    uid_t uid;

    if (!owner)
        return TRUE;
    if (!resolve_user(&name_source_system, owner, &uid)) {
        output_error("no user '%s'", owner);
        *statusp = EXIT_NO;
        return FALSE;
    }
    talk_add_number(talk, "owner", uid);
    return TRUE;
}

static int ask_change(Talk *talk, const Options *options, const char *word, JsonObject **answerp)
{
    int status = EXIT_YES;

    talk_begin(talk, word);
    talk_add(talk, "network", options->values[OPTION_NETWORK]);
    talk_add(talk, "name", options->values[OPTION_NAME]);
    if (!add_owner(talk, options, &status))
        return status;
    status = ask(talk, options, answerp);
    return status == EXIT_YES ? status : output_failure(talk, status);
}

int command_release(const Options *options)
{
    g_autoptr(Talk) talk = talk_new();
    g_autoptr(JsonObject) answer = NULL;
    int status = ask_change(talk, options, "release", &answer);

    if (status != EXIT_YES || !options->json)
        return status;
    json_object_set_string_member(answer, "name", options->values[OPTION_NAME]);
    return output_record(answer, TRUE);
}

int command_revoke(const Options *options)
{
    g_autoptr(Talk) talk = talk_new();
    g_autoptr(JsonObject) answer = NULL;
    g_autofree char *text = NULL;
    gint64 revoked;
    int status = ask_change(talk, options, "revoke", &answer);

    if (status != EXIT_YES)
        return status;
    if (options->json)
        return output_record(answer, TRUE);
    revoked = record_number(answer, "revoked", 0);
    text = g_strdup_printf("%" G_GINT64_FORMAT " device%s revoked\n", revoked,
                           revoked == 1 ? "" : "s");
    return output_text(text);
}

/* For the shells' completion: the networks, or the names of devices, one a line. Nothing else is
 * shown, since a shell expands what it completes. Says nothing when there is no daemon. */
int command_complete(const Options *options)
{
    gboolean networks = strcmp(options->values[OPTION_WHAT], "networks") == 0;
    g_autoptr(Talk) talk = talk_new();
    g_autoptr(Report) report = NULL;
    g_autoptr(GString) text = g_string_new(NULL);
    JsonArray *from;

    if (ask_list(talk, options, &report) != EXIT_YES)
        return EXIT_NO_DAEMON;
    from = networks ? report_networks(report) : report_devices(report);
    for (guint i = 0; i < json_array_get_length(from); i++) {
        JsonObject *record = json_array_get_object_element(from, i);
        const char *name = record_text(record, networks ? "network" : "name", "");

        if (device_name_valid(name))
            g_string_append_printf(text, "%s\n", name);
    }
    return output_text(text->str);
}
