/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * ontap-policy(1): checks a policy, and explains what it says about somebody. It needs neither root
 * nor a running daemon, so that a draft can be tried before it is installed.
 */
#include "policy/explain.h"
#include "policy/numeric.h"
#include "policy/policy.h"
#include "policy/question.h"
#include "config.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

enum {
    EXIT_YES = 0,
    EXIT_NO = 1,    /* denied, or no such network or user */
    EXIT_WRONG = 2, /* usage, or a bad policy */
};

static const char usage[] =
    "Usage: ontap-policy check [FILE]\n"
    "       ontap-policy explain [FILE] user=NAME [group=NAME,...] [network=NAME] [type=TYPE]\n"
    "       ontap-policy numeric [FILE]\n"
    "       ontap-policy --help | --version\n"
    "\n"
    "check    says whether FILE is a valid policy\n"
    "explain  says what FILE decides about a user, and which line decides it\n"
    "numeric  prints FILE as ontapd is given it: with ids in place of names\n"
    "\n"
    "FILE is " ONTAP_POLICY_FILE " when none is named. group= adds to the user's own groups.\n"
    "Exit status: 0 yes, 1 denied or not found, 2 usage or bad file. See ontap-policy(1).\n";

static int fail_usage(const char *what, const char *word)
{
    fprintf(stderr, "ontap-policy: %s%s (see ontap-policy --help)\n", what, word);
    return EXIT_WRONG;
}

/* Loads and shows all there is to say. NULL when the policy is bad. */
static Policy *load(const char *file, PolicyLoadFlags flags)
{
    g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;
    Policy *policy = policy_load(file, flags | POLICY_LOAD_ANY_OWNER, warnings, &error);

    for (guint i = 0; i < warnings->len; i++)
        fprintf(stderr, "warning: %s\n", (const char *)g_ptr_array_index(warnings, i));
    if (!policy)
        fprintf(stderr, "%s\n", error->message);
    return policy;
}

static int check(int argc, char **argv)
{
    const char *file = argc > 0 ? argv[0] : ONTAP_POLICY_FILE;
    g_autoptr(Policy) policy = NULL;

    if (argc > 1)
        return fail_usage("check takes one file, not also ", argv[1]);
    policy = load(file, POLICY_LOAD_STRICT);
    if (!policy)
        return EXIT_WRONG;
    printf("%s: ok: %zu network%s\n", file, policy_n_networks(policy),
           policy_n_networks(policy) == 1 ? "" : "s");
    return EXIT_YES;
}

/* As the daemon loads it: an unknown name under allow is a warning. */
static int numeric(int argc, char **argv)
{
    const char *file = argc > 0 ? argv[0] : ONTAP_POLICY_FILE;
    g_autoptr(Policy) policy = NULL;
    g_autofree char *text = NULL;

    if (argc > 1)
        return fail_usage("numeric takes one file, not also ", argv[1]);
    policy = load(file, POLICY_LOAD_DEFAULT);
    if (!policy)
        return EXIT_WRONG;
    text = policy_to_text(policy);
    if (strlen(text) > POLICY_TEXT_MAX) {
        fprintf(stderr, "%s: too large: ontapd takes at most %d bytes of numeric policy\n", file,
                POLICY_TEXT_MAX);
        return EXIT_WRONG;
    }
    fputs(text, stdout);
    return EXIT_YES;
}

static const char **question_field(Question *question, const char *argument, const char **valuep)
{
    const struct {
        const char *key;
        const char **field;
    } keys[] = {{"user=", &question->user},
                {"group=", &question->groups},
                {"network=", &question->network},
                {"type=", &question->type}};

    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        if (g_str_has_prefix(argument, keys[i].key)) {
            *valuep = argument + strlen(keys[i].key);
            return keys[i].field;
        }
    }
    return NULL;
}

/* The file may stand anywhere; one with `=` in its name is written with a folder, as ./a=b. */
static int read_question(Question *question, const char **filep, int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        const char *value = argv[i];
        const char **field = question_field(question, argv[i], &value);
        const char *equals = strchr(argv[i], '=');

        if (!field) {
            if (equals && !memchr(argv[i], '/', (size_t)(equals - argv[i])))
                return fail_usage("explain takes user=, group=, network= and type=, not ", argv[i]);
            field = filep;
        }
        if (*field)
            return fail_usage("a second time: ", argv[i]);
        if (!*value)
            return fail_usage("empty: ", argv[i]);
        *field = value;
    }
    if (!question->user)
        return fail_usage("explain needs user=", "NAME");
    if (!*filep)
        *filep = ONTAP_POLICY_FILE;
    return EXIT_YES;
}

static int explain(int argc, char **argv)
{
    Question question = {0};
    const char *file = NULL;
    g_autoptr(Policy) policy = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(Verdict) verdict = NULL;
    g_autofree char *text = NULL;
    int result = read_question(&question, &file, argc, argv);

    if (result != EXIT_YES)
        return result;
    policy = load(file, POLICY_LOAD_DEFAULT);
    if (!policy)
        return EXIT_WRONG;
    verdict = question_judge(policy, &question, &error);
    if (g_error_matches(error, QUESTION_ERROR, QUESTION_ERROR_USAGE))
        return fail_usage(error->message, "");
    if (!verdict) {
        fprintf(stderr, "ontap-policy: %s\n", error->message);
        return EXIT_NO;
    }
    text = policy_explain(policy, verdict->user, &verdict->subject, verdict->network, verdict->type,
                          &verdict->decision);
    fputs(text, stdout);
    return verdict->decision.allowed ? EXIT_YES : EXIT_NO;
}

int main(int argc, char **argv)
{
    setlocale(LC_ALL, "");
    if (argc < 2)
        return fail_usage("what shall be done? check, explain or numeric", "");
    if (g_str_equal(argv[1], "--help")) {
        fputs(usage, stdout);
        return EXIT_YES;
    }
    if (g_str_equal(argv[1], "--version")) {
        puts("ontap-policy " ONTAP_VERSION);
        return EXIT_YES;
    }
    if (g_str_equal(argv[1], "check"))
        return check(argc - 2, argv + 2);
    if (g_str_equal(argv[1], "explain"))
        return explain(argc - 2, argv + 2);
    if (g_str_equal(argv[1], "numeric"))
        return numeric(argc - 2, argv + 2);
    return fail_usage("no such command: ", argv[1]);
}
