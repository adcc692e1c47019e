/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "daemon/serve-private.h"

#include "config.h"
#include "daemon/log.h"
#include "daemon/refusal.h"

#include <unistd.h>

PolicySubject serve_subject(const Credentials *credentials)
{
    return (PolicySubject){
        .uid = credentials->uid,
        .gid = credentials->gid,
        .groups = credentials->groups,
        .n_groups = credentials->n_groups,
    };
}

/* The networks that this caller may have some device on, for an error that helps. */
static char *usable_networks(const Service *service, const Credentials *credentials)
{
    const PolicySubject subject = serve_subject(credentials);
    g_autoptr(GString) text = g_string_new(NULL);

    for (size_t i = 0; i < policy_n_networks(service->policy); i++) {
        const PolicyNetwork *network = policy_network(service->policy, i);
        PolicyDecision decision;

        policy_decide(service->policy, &subject, network, network->type, &decision);
        if (decision.allowed)
            g_string_append_printf(text, "%s%s", text->len > 0 ? ", " : "", network->name);
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

const PolicyNetwork *serve_find_network(const Service *service, const Credentials *credentials,
                                        const char *name, GError **error)
{
    const PolicyNetwork *network = policy_network_for_request(service->policy, name);

    if (network != NULL)
        return network;

    g_autofree char *usable = usable_networks(service, credentials);
    const char *hint = usable[0] != '\0' ? usable : "none";
    if (name[0] == '\0')
        refuse(error, REPLY_UNKNOWN_NETWORK,
               "no network is the default; name one with --network, you may use: %s", hint);
    else
        refuse(error, REPLY_UNKNOWN_NETWORK, "there is no network %s; you may use: %s", name, hint);
    return NULL;
}

gboolean serve_check_root(const Credentials *credentials, const char *what, GError **error)
{
    if (credentials->uid == 0)
        return TRUE;
    refuse(error, REPLY_DENIED, "only root may %s", what);
    return FALSE;
}

void serve_write_reply(const Reply *reply, GString *text)
{
    char line[REPLY_SIZE_MAX];
    size_t size = reply_format(reply, line, sizeof(line));

    g_assert(size > 0);
    g_string_append_len(text, line, (gssize)size);
}

static gboolean serve(Service *service, const Credentials *credentials, const Request *request,
                      guint64 waited, Answer *answer, GError **error)
{
    switch (request->kind) {
    case REQUEST_DEVICE:
        return serve_device(service, credentials, request, answer, error);
    case REQUEST_LIST:
        serve_list(service, credentials, answer);
        return TRUE;
    case REQUEST_RELEASE:
        return serve_release(service, credentials, request, answer, error);
    case REQUEST_PING:
        g_string_append(answer->text, "ok version=" ONTAP_VERSION "\n");
        return TRUE;
    case REQUEST_WATCH:
        serve_watch(service, credentials, answer);
        return TRUE;
    case REQUEST_CREATE:
        return serve_create(service, credentials, request, answer, error);
    case REQUEST_REVOKE:
        return serve_revoke(service, credentials, request, answer, error);
    case REQUEST_STATUS:
        serve_status(service, waited, answer);
        return TRUE;
    case REQUEST_POLICY:
        answer->more = request->size;
        return serve_check_root(credentials, "hand over a policy", error);
    }
    g_assert_not_reached();
}

void answer_refuse(Answer *answer, ReplyCode code, const char *text)
{
    Reply reply = {.code = code};

    g_strlcpy(reply.text, text, sizeof(reply.text));
    answer->text = g_string_new(NULL);
    serve_write_reply(&reply, answer->text);
}

static void tell_refusal(const Credentials *credentials, const LogAbout *about, const GError *error,
                         Answer *answer)
{
    ReplyCode code = refusal_code(error);

    log_entry(code == REPLY_INTERNAL ? G_LOG_LEVEL_CRITICAL : G_LOG_LEVEL_INFO, about,
              "uid %u (process %d) is told %s: %s", credentials->uid, credentials->pid,
              reply_code_text(code), error->message);
    if (answer->text != NULL)
        g_string_free(answer->text, TRUE);
    answer->more = 0;
    answer_refuse(answer, code, error->message);
}

void service_answer(Service *service, const Credentials *credentials, const char *line, size_t size,
                    guint64 waited, Answer *answer)
{
    char malformed[REQUEST_ERROR_SIZE];
    g_autoptr(GError) error = NULL;
    Request request;

    *answer = (Answer){0};
    if (!request_parse(&request, line, size, malformed)) {
        answer_refuse(answer, REPLY_MALFORMED, malformed);
        return;
    }
    answer->text = g_string_new(NULL);
    const LogAbout about = {credentials->uid, request.network, request.name, NULL};
    if (!serve(service, credentials, &request, waited, answer, &error))
        tell_refusal(credentials, &about, error, answer);
}

void service_answer_more(Service *service, const Credentials *credentials, const char *text,
                         gsize size, Answer *answer)
{
    const LogAbout about = {credentials->uid, NULL, NULL, NULL};
    g_autoptr(GError) error = NULL;

    *answer = (Answer){.text = g_string_new(NULL)};
    if (!serve_policy(service, credentials, text, size, answer, &error))
        tell_refusal(credentials, &about, error, answer);
}

void answer_deinit(Answer *answer)
{
    for (guint i = 0; i < answer->n_fds; i++)
        close(answer->fds[i]);
    if (answer->text != NULL)
        g_string_free(answer->text, TRUE);
    *answer = (Answer){0};
}

void service_take_back(Service *service, const Answer *answer)
{
    Device *device = registry_find(keeper_registry(service->keeper), answer->ifindex);

    if (answer->ifindex != 0 && device != NULL)
        keeper_drop(service->keeper, device, "nobody was there to take it");
}
