/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * ontap-policy(1): checks a policy, and explains what it says about somebody. It needs neither root
 * nor a running daemon, so that a draft can be tried before it is installed.
 */
#include "policy/explain.h"
#include "policy/numeric.h"
#include "policy/policy.h"
#include "policy/resolve.h"
#include "config.h"

#include <grp.h>
#include <locale.h>
#include <pwd.h>
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

/* The question to `explain`, as it was typed. */
typedef struct {
    const char *file;
    const char *user;
    const char *groups;
    const char *network;
    const char *type;
} Question;

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
static int read_question(Question *question, int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        const char *value = argv[i];
        const char **field = question_field(question, argv[i], &value);
        const char *equals = strchr(argv[i], '=');

        if (!field) {
            if (equals && !memchr(argv[i], '/', (size_t)(equals - argv[i])))
                return fail_usage("explain takes user=, group=, network= and type=, not ", argv[i]);
            field = &question->file;
        }
        if (*field)
            return fail_usage("a second time: ", argv[i]);
        if (!*value)
            return fail_usage("empty: ", argv[i]);
        *field = value;
    }
    if (!question->user)
        return fail_usage("explain needs user=", "NAME");
    if (!question->file)
        question->file = ONTAP_POLICY_FILE;
    return EXIT_YES;
}

/* The groups of the user database, as a login has them. An uid that is not in it has none. */
static gboolean find_user(const char *name, PolicySubject *subject, GArray *groups)
{
    const struct passwd *entry;
    int n_groups = 64;

    if (!resolve_user(&name_source_system, name, &subject->uid))
        return FALSE;
    subject->gid = (gid_t)-1;
    entry = getpwuid(subject->uid);
    if (!entry)
        return TRUE;
    subject->gid = entry->pw_gid;
    g_array_set_size(groups, (guint)n_groups);
    if (getgrouplist(entry->pw_name, entry->pw_gid, (gid_t *)(void *)groups->data, &n_groups) < 0) {
        g_array_set_size(groups, (guint)n_groups);
        getgrouplist(entry->pw_name, entry->pw_gid, (gid_t *)(void *)groups->data, &n_groups);
    }
    g_array_set_size(groups, (guint)n_groups);
    return TRUE;
}

static gboolean add_groups(const char *names, GArray *groups)
{
    g_auto(GStrv) list = g_strsplit(names, ",", -1);

    for (char **name = list; *name; name++) {
        gid_t gid;

        if (!resolve_group(&name_source_system, *name, &gid)) {
            fprintf(stderr, "ontap-policy: no group '%s'\n", *name);
            return FALSE;
        }
        g_array_append_val(groups, gid);
    }
    return TRUE;
}

static const PolicyNetwork *find_network(const Policy *policy, const char *name)
{
    const PolicyNetwork *network = policy_network_for_request(policy, name ? name : "");

    if (network)
        return network;
    if (name)
        fprintf(stderr, "ontap-policy: no network '%s'; the policy has:", name);
    else
        fputs("ontap-policy: the policy has no default network, so name one with network=:",
              stderr);
    for (size_t i = 0; i < policy_n_networks(policy); i++)
        fprintf(stderr, " %s", policy_network(policy, i)->name);
    fputs(policy_n_networks(policy) ? "\n" : " none\n", stderr);
    return NULL;
}

static int answer(const Policy *policy, const Question *question, DeviceType type)
{
    g_autoptr(GArray) groups = g_array_new(FALSE, FALSE, sizeof(gid_t));
    const PolicyNetwork *network = find_network(policy, question->network);
    g_autofree char *text = NULL;
    PolicySubject subject = {0};
    PolicyDecision decision;

    if (!network)
        return EXIT_NO;
    if (!find_user(question->user, &subject, groups)) {
        fprintf(stderr, "ontap-policy: no user '%s'\n", question->user);
        return EXIT_NO;
    }
    if (question->groups && !add_groups(question->groups, groups))
        return EXIT_NO;
    subject.groups = (const gid_t *)(const void *)groups->data;
    subject.n_groups = groups->len;
    if (type == 0)
        type = network->type;
    policy_decide(policy, &subject, network, type, &decision);
    text = policy_explain(policy, question->user, &subject, network, type, &decision);
    fputs(text, stdout);
    return decision.allowed ? EXIT_YES : EXIT_NO;
}

static int explain(int argc, char **argv)
{
    Question question = {0};
    g_autoptr(Policy) policy = NULL;
    DeviceType type = 0;
    int result = read_question(&question, argc, argv);

    if (result != EXIT_YES)
        return result;
    if (question.type && !device_type_parse(question.type, &type))
        return fail_usage("type= takes ipvtap, macvtap, ipvlan or macvlan, not ", question.type);
    policy = load(question.file, POLICY_LOAD_DEFAULT);
    return policy ? answer(policy, &question, type) : EXIT_WRONG;
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
