/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * explain: what the policy file says about somebody. The daemon is only asked where its file is and
 * when it read it; without a daemon the answer is the same.
 */
#include "policy/explain.h"

#include "ctl/commands.h"
#include "ctl/output.h"
#include "policy/question.h"

static Policy *load(const char *path)
{
    g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;
    Policy *policy = policy_load(path, POLICY_LOAD_ANY_OWNER, warnings, &error);

    for (guint i = 0; i < warnings->len; i++)
        output_warning("%s", (const char *)g_ptr_array_index(warnings, i));
    if (!policy)
        output_error("%s", error->message);
    return policy;
}

static JsonObject *to_json(const Verdict *verdict, const char *text)
{
    const PolicyDecision *decision = &verdict->decision;
    JsonObject *object = json_object_new();
    JsonObject *limits;

    json_object_set_boolean_member(object, "allowed", decision->allowed);
    json_object_set_string_member(object, "user", verdict->user);
    json_object_set_int_member(object, "owner", decision->owner);
    json_object_set_string_member(object, "network", verdict->network->name);
    json_object_set_string_member(object, "type", device_type_text(verdict->type));
    if (decision->place) {
        g_autofree char *place =
            g_strdup_printf("%s:%u", decision->place->file, decision->place->line);

        json_object_set_string_member(object, "place", place);
    }
    if (decision->allowed) {
        limits = json_object_new();
        json_object_set_int_member(limits, "devices", decision->limits.devices);
        json_object_set_int_member(limits, "queues", decision->limits.queues);
        json_object_set_int_member(limits, "addresses", decision->limits.addresses);
        json_object_set_object_member(object, "limits", limits);
    }
    json_object_set_string_member(object, "text", text);
    return object;
}

static int answer(const Options *options, const Policy *policy, const Question *question)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Verdict) verdict = question_judge(policy, question, &error);
    g_autoptr(JsonObject) object = NULL;
    g_autofree char *text = NULL;
    int status;

    if (!verdict) {
        output_error("%s", error->message);
        return g_error_matches(error, QUESTION_ERROR, QUESTION_ERROR_USAGE) ? EXIT_WRONG : EXIT_NO;
    }
    text = policy_explain(policy, verdict->user, &verdict->subject, verdict->network, verdict->type,
                          &verdict->decision);
    object = to_json(verdict, text);
    status = options->json ? output_record(object, TRUE) : output_text(text);
    if (status != EXIT_YES)
        return status;
    return verdict->decision.allowed ? EXIT_YES : EXIT_NO;
}

int command_explain(const Options *options)
{
    const Question question = {.user = options->values[OPTION_USER],
                               .network = options->values[OPTION_NETWORK],
                               .type = options->values[OPTION_TYPE]};
    g_autoptr(Talk) talk = talk_new();
    g_autoptr(JsonObject) daemon = NULL;
    g_autoptr(Policy) policy = NULL;
    const char *path;

    if (!options->policy)
        (void)ask_status(talk, options, &daemon);
    path = policy_path(options, daemon);
    policy = load(path);
    if (!policy)
        return EXIT_WRONG;
    if (policy_lag(path, policy, daemon) > 0)
        output_warning("%s is newer than what ontapd has in force; to put it into force: ontapctl "
                       "reload",
                       path);
    return answer(options, policy, &question);
}
