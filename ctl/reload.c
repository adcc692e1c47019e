/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * reload: reads the policy here, where names can be resolved, and hands it to the daemon as
 * numbers. A policy that is not valid never gets there, so the daemon keeps the one it has.
 */
#include "ctl/commands.h"

#include "ctl/output.h"
#include "policy/numeric.h"

#include <string.h>

static Policy *load(const char *path)
{
    g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;
    Policy *policy = policy_load(path, POLICY_LOAD_DEFAULT, warnings, &error);

    for (guint i = 0; i < warnings->len; i++)
        output_warning("%s", (const char *)g_ptr_array_index(warnings, i));
    if (!policy)
        output_error("%s", error->message);
    return policy;
}

static int show(const Options *options, const char *path, JsonObject *answer)
{
    gint64 networks = record_number(answer, "networks", 0);
    gint64 rules = record_number(answer, "rules", 0);
    gint64 forbidden = record_number(answer, "forbidden", 0);
    g_autofree char *text = NULL;

    if (options->json) {
        json_object_set_string_member(answer, "policy", path);
        return output_record(answer, TRUE);
    }
    text = g_strdup_printf("%s is in force: %" G_GINT64_FORMAT " network%s, %" G_GINT64_FORMAT
                           " rule%s\n",
                           path, networks, networks == 1 ? "" : "s", rules, rules == 1 ? "" : "s");
    if (forbidden > 0)
        output_warning("%" G_GINT64_FORMAT " device%s no longer permitted; ontapctl list marks "
                       "them, and ontapctl revoke takes them away",
                       forbidden, forbidden == 1 ? " is" : "s are");
    return output_text(text);
}

static int send_policy(const Options *options, const char *path, const Policy *policy)
{
    g_autofree char *text = policy_to_text(policy);
    g_autoptr(Talk) talk = talk_new();
    g_autoptr(JsonObject) answer = NULL;
    Line line;
    int status;

    talk_begin(talk, "policy");
    talk_add_number(talk, "size", strlen(text));
    talk_add_body(talk, text);
    status = talk_start(talk, options->socket, &line);
    if (status != EXIT_YES)
        return output_failure(talk, status);
    answer = record_new(&line, output_reader(options));
    return show(options, path, answer);
}

int command_reload(const Options *options)
{
    g_autoptr(Talk) talk = talk_new();
    g_autoptr(JsonObject) daemon = NULL;
    g_autoptr(Policy) policy = NULL;
    const char *path;
    int status = EXIT_YES;

    if (!options->policy)
        status = ask_status(talk, options, &daemon);
    if (status != EXIT_YES)
        return output_failure(talk, status);
    path = policy_path(options, daemon);
    policy = load(path);
    return policy ? send_policy(options, path, policy) : EXIT_WRONG;
}
