/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The program ontap-policy, as a user runs it: what it prints and its exit status. The build names
 * the program and the example in the environment.
 */
#include "config.h"

#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char policy_text[] = "network lan parent=eth0 default\n"
                                  "network lab parent=eth1 types=macvtap\n"
                                  "deny group=54321 network=lan\n"
                                  "allow user=root,4711 devices=2\n";

#define USAGE "(see ontap-policy --help)\n"

/* In arguments @ stands for a file with the policy above; in output too. */
static const struct {
    const char *name;
    const char *arguments;
    int status;
    const char *out;
    const char *err; /* NULL: not compared */
} cases[] = {
    {"check", "check @", 0, "@: ok: 2 networks\n", NULL},
    {"check-missing", "check @x", 2, "", "@x: cannot be opened: No such file or directory\n"},
    {"check-two", "check @ b", 2, "", "ontap-policy: check takes one file, not also b " USAGE},
    {"yes", "explain @ user=root", 0,
     "yes: root may have ipvtap on lan\n"
     "at most 2 devices at once on lan, 8 queues and 8 addresses for each device\n"
     "@:4: allow user=root,4711 devices=2\n",
     NULL},
    {"file-last", "explain user=4711 network=lab @", 0,
     "yes: 4711 may have macvtap on lab\n"
     "at most 2 devices at once on lab, 8 queues and 8 addresses for each device\n"
     "@:4: allow user=root,4711 devices=2\n",
     NULL},
    {"group", "explain @ user=4711 group=54321 type=ipvtap", 1,
     "no: 4711 may not have ipvtap on lan\n"
     "@:3: deny group=54321 network=lan\n"
     "note: a deny by group is advisory, since a process can give up groups; deny by user= holds\n",
     NULL},
    {"no-rule", "explain @ user=4712 network=lan", 1,
     "no: 4712 may not have ipvtap on lan\n"
     "no rule matches, and then the answer is no; to change it: allow user=4712 network=lan "
     "type=ipvtap\n",
     NULL},
    {"no-type", "explain @ user=root type=ipvlan", 1,
     "no: root may not have ipvlan on lan\n"
     "@:1: network lan parent=eth0 default\n"
     "note: the types= of this network do not have ipvlan\n",
     NULL},
    {"no-network", "explain @ user=root network=dmz", 1, "", NULL},
    {"no-user", "explain @ user=no-such-user", 1, "", NULL},
    {"no-group", "explain @ user=root group=no-such-group", 1, "", NULL},
    {"explain-nobody", "explain @", 2, "", "ontap-policy: explain needs user=NAME " USAGE},
    {"explain-twice", "explain @ user=a user=b", 2, "",
     "ontap-policy: a second time: user=b " USAGE},
    {"explain-empty", "explain @ user=", 2, "", "ontap-policy: empty: user= " USAGE},
    {"explain-key", "explain @ user=a queues=3", 2, "",
     "ontap-policy: explain takes user=, group=, network= and type=, not queues=3 " USAGE},
    {"explain-type", "explain @ user=root type=tap", 2, "",
     "ontap-policy: type= takes ipvtap, macvtap, ipvlan or macvlan, not tap " USAGE},
    {"explain-missing", "explain @x user=root", 2, "",
     "@x: cannot be opened: No such file or directory\n"},
    {"nothing", "", 2, "", "ontap-policy: what shall be done? check, explain or numeric " USAGE},
    {"numeric-missing", "numeric @x", 2, "", "@x: cannot be opened: No such file or directory\n"},
    {"numeric-two", "numeric @ b", 2, "",
     "ontap-policy: numeric takes one file, not also b " USAGE},
    {"unknown", "chek @", 2, "", "ontap-policy: no such command: chek " USAGE},
    {"version", "--version", 0, "ontap-policy " ONTAP_VERSION "\n", ""},
};

/* Runs the program and returns its exit status. */
static int run(const char *const *arguments, char **outp, char **errp)
{
    g_autoptr(GPtrArray) vector = g_ptr_array_new();
    g_autoptr(GError) error = NULL;
    int status = 0;

    g_ptr_array_add(vector, (gpointer)g_getenv("ONTAP_POLICY"));
    for (; *arguments; arguments++)
        g_ptr_array_add(vector, (gpointer)*arguments);
    g_ptr_array_add(vector, NULL);
    g_spawn_sync(NULL, (char **)vector->pdata, NULL, G_SPAWN_DEFAULT, NULL, NULL, outp, errp,
                 &status, &error);
    g_assert_no_error(error);
    g_assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static char *write_policy(const char *text)
{
    g_autoptr(GError) error = NULL;
    char *path = NULL;
    int handle = g_file_open_tmp("ontap-policy-XXXXXX", &path, &error);

    g_assert_no_error(error);
    g_close(handle, NULL);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    return path;
}

static char *with_path(const char *text, const char *path)
{
    GString *whole = g_string_new(text);

    g_string_replace(whole, "@", path, 0);
    return g_string_free(whole, FALSE);
}

static void check_case(gconstpointer data)
{
    gsize i = GPOINTER_TO_SIZE(data);
    g_autofree char *path = write_policy(policy_text);
    g_autofree char *line = with_path(cases[i].arguments, path);
    g_autofree char *wanted = with_path(cases[i].out, path);
    g_auto(GStrv) arguments = g_strsplit(line, " ", -1);
    g_autofree char *out = NULL;
    g_autofree char *err = NULL;

    g_assert_cmpint(run((const char *const *)arguments, &out, &err), ==, cases[i].status);
    g_assert_cmpstr(out, ==, wanted);
    if (cases[i].err) {
        g_autofree char *complaint = with_path(cases[i].err, path);

        /* A file of anybody's but root's is warned of first. */
        if (geteuid() == 0)
            g_assert_cmpstr(err, ==, complaint);
        else
            g_assert_true(g_str_has_suffix(err, complaint));
    }
    if (cases[i].status != 0 && !*cases[i].out)
        g_assert_cmpstr(err, !=, "");
    g_remove(path);
}

static void check_bad_policy(void)
{
    g_autofree char *path = write_policy("network lan parent=eth0\nallow user=no-such-user\n");
    const char *check[] = {"check", path, NULL};
    const char *explain[] = {"explain", path, "user=root", "network=lan", NULL};
    g_autofree char *out = NULL;
    g_autofree char *err = NULL;
    g_autofree char *why = NULL;
    g_autofree char *warning = NULL;

    /* An error to check, and a warning to explain, which answers as the daemon would. */
    g_assert_cmpint(run(check, &out, &err), ==, 2);
    g_assert_true(g_str_has_suffix(err, ":2:12: no user 'no-such-user'\n"));
    g_assert_cmpint(run(explain, &why, &warning), ==, 1);
    g_assert_nonnull(strstr(warning, "the name matches nobody"));
    g_remove(path);
}

/* A draft that others may write is a valid policy, but not one that the daemon takes. */
static void check_draft(void)
{
    g_autofree char *path = write_policy(policy_text);
    const char *arguments[] = {"check", path, NULL};
    g_autofree char *out = NULL;
    g_autofree char *err = NULL;

    g_assert_cmpint(g_chmod(path, 0666), ==, 0);
    g_assert_cmpint(run(arguments, &out, &err), ==, 0);
    g_assert_true(g_str_has_prefix(err, "warning: "));
    g_assert_nonnull(strstr(err, "ontapd will refuse it"));
    g_remove(path);
}

/* The example names the group kvm, which a machine need not have. */
static void check_example(void)
{
    g_autofree char *text = NULL;
    g_autofree char *path = NULL;
    g_autofree char *out = NULL;
    g_autofree char *err = NULL;
    GString *numeric;

    g_assert_true(g_file_get_contents(g_getenv("ONTAP_EXAMPLE"), &text, NULL, NULL));
    numeric = g_string_new(text);
    g_assert_cmpuint(g_string_replace(numeric, "group=kvm", "group=0", 0), ==, 1);
    path = write_policy(numeric->str);
    g_string_free(numeric, TRUE);
    g_assert_cmpint(run((const char *const[]){"check", path, NULL}, &out, &err), ==, 0);
    g_assert_true(g_str_has_suffix(out, ": ok: 1 network\n"));
    g_remove(path);
}

static void check_numeric(void)
{
    const char *path = g_getenv("ONTAP_EXAMPLE");
    g_autofree char *out = NULL;
    g_autofree char *err = NULL;

    g_assert_cmpint(run((const char *const[]){"numeric", path, NULL}, &out, &err), ==, 0);
    g_assert_true(g_str_has_prefix(out, "numeric-policy version=1\nfile name="));
    g_assert_nonnull(strstr(out, "\nvalue key=user text=0\n"));
}

static void check_help(void)
{
    g_autofree char *out = NULL;
    g_autofree char *err = NULL;

    g_assert_cmpint(run((const char *const[]){"--help", NULL}, &out, &err), ==, 0);
    g_assert_true(g_str_has_prefix(out, "Usage: ontap-policy check [FILE]\n"));
    g_assert_cmpstr(err, ==, "");
}

int main(int argc, char **argv)
{
    g_setenv("LC_ALL", "C", TRUE);
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strconcat("/policy/command/", cases[i].name, NULL);

        g_test_add_data_func(path, GSIZE_TO_POINTER(i), check_case);
    }
    g_test_add_func("/policy/command/bad-policy", check_bad_policy);
    g_test_add_func("/policy/command/draft", check_draft);
    g_test_add_func("/policy/command/example", check_example);
    g_test_add_func("/policy/command/numeric", check_numeric);
    g_test_add_func("/policy/command/help", check_help);
    return g_test_run();
}
