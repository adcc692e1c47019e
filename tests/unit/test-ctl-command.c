/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The program ontapctl as a user runs it, against a daemon with one canned answer: what it asks,
 * what it prints, its exit status. The program is the test's argument.
 */
#include "config.h"
#include "tests/unit/test-helper-daemon.h"

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>

static const char *program;

#define DEVICE "ifname=ontap7 network=lan name=vm1 "
#define SEE "(see ontapctl --help)\n"

/* ── answers ──────────────────────────────────────────────────────────────────────────────── */

/* `@` is the option --socket=. */
static const struct {
    const char *name;
    const char *arguments;
    const char *request; /* what the daemon reads; its first line */
    const char *reply;
    int status;
    const char *out; /* NULL: not compared */
    const char *err; /* a part of it */
} cases[] = {
    {"list", "list @", "list\n", "ok\n", 0, "no devices\n", ""},
    {"list-denied", "@ list", "list\n", "error denied you are not welcome\n", 1, "",
     "ontapctl: denied: you are not welcome\n"},
    {"list-busy", "@ list", "list\n", "error busy\n", 1, "", "ontapctl: busy\n"},
    {"list-internal", "@ list", "list\n", "error internal see the log\n", 3, "", "see the log"},
    {"list-malformed", "@ list", "list\n", "error malformed column 1\n", 2, "", "column 1"},
    {"list-hostile", "@ list", "list\n",
     "error denied \xc2\x9b"
     "2J\n",
     1, "", "denied: ?2J\n"},
    {"list-foreign", "@ list", "list\n", "HTTP/1.1 400 Bad Request\n", 3, "",
     "does not speak ontapd's protocol"},
    {"list-foreign-error", "@ list", "list\n", "error strange things\n", 3, "",
     "does not speak ontapd's protocol"},
    {"list-silent", "@ list", "list\n", "", 3, "", "closed the connection without an answer"},
    {"list-cut", "@ list", "list\n", "ok\ndevice " DEVICE "user=me", 3, "",
     "broke off in the middle"},
    {"list-bad-line", "@ list", "list\n", "ok\ndevice a=\"\n", 3, "",
     "does not speak ontapd's protocol"},
    {"list-json", "--json list @", "list\n", "ok\nrain wet=yes\n", 0, NULL, ""},
    {"status", "status @", "status\n", "ok version=1 pid=7\n", 0, "version  1\npid      7\n", ""},
    {"status-json", "status @ --json", "status\n", "ok version=1 pid=7\n", 0,
     "{\n  \"version\" : \"1\",\n  \"pid\" : 7\n}\n", ""},
    {"release", "release vm1 @", "release name=vm1\n", "ok\n", 0, "", ""},
    {"release-all-keys", "release @ network=lan vm1 owner=0",
     "release network=lan name=vm1 owner=0\n", "ok\n", 0, "", ""},
    {"release-json", "release vm1 @ --json", "release name=vm1\n", "ok\n", 0,
     "{\n  \"name\" : \"vm1\"\n}\n", ""},
    {"release-none", "release vm1 @", "release name=vm1\n", "error denied you have no device vm1\n",
     1, "", "no device vm1"},
    {"create", "create web @", "create ifname=web\n",
     "ok ifname=web ifindex=1507392211 network=lan new=yes\n", 0, "web 1507392211\n", ""},
    {"create-all-keys", "create @ web --network=lan queues=2",
     "create ifname=web network=lan queues=2\n",
     "ok ifname=web ifindex=1507392211 network=lan new=no\n", 0, "web 1507392211\n", ""},
    {"create-json", "create web @ --json", "create ifname=web\n",
     "ok ifname=web ifindex=1507392211 new=yes\n", 0,
     "{\n  \"ifname\" : \"web\",\n  \"ifindex\" : 1507392211,\n  \"new\" : true\n}\n", ""},
    {"create-denied", "create web @", "create ifname=web\n", "error denied only root may\n", 1, "",
     "only root may"},
    {"create-none", "create web @", "create ifname=web\n", "", 3, "", "without an answer"},
    {"revoke", "revoke @", "revoke\n", "ok revoked=1\n", 0, "1 device revoked\n", ""},
    {"revoke-some", "revoke @ owner=0 name=a", "revoke name=a owner=0\n", "ok revoked=3\n", 0,
     "3 devices revoked\n", ""},
    {"revoke-json", "revoke @ --json", "revoke\n", "ok revoked=3\n", 0, "{\n  \"revoked\" : 3\n}\n",
     ""},
    {"complete-names", "complete names @", "list\n", "ok\nnetwork network=lan\ndevice " DEVICE "\n",
     0, "vm1\n", ""},
    {"complete-hostile", "complete names @", "list\n",
     "ok\ndevice ifname=a name=\"$(reboot)\"\ndevice ifname=b name=b\n", 0, "b\n", ""},
    {"complete-networks", "complete networks @", "list\n",
     "ok\nnetwork network=lan\ndevice " DEVICE "\n", 0, "lan\n", ""},
    {"complete-denied", "complete names @", "list\n", "error busy\n", 3, "", ""},
    {"watch", "watch @ --json", "watch\n", "ok\nready\n", 3, NULL, "has ended"},
    {"watch-denied", "watch @", "watch\n", "error busy too many\n", 1, "", "too many"},
    {"watch-cut", "watch @", "watch\n", "ok\nread", 3, "", "broke off in the middle"},
    {"watch-bad-line", "watch @", "watch\n", "ok\n\n", 3, "", "does not speak"},
};

static void check_case(gconstpointer data)
{
    gsize i = GPOINTER_TO_SIZE(data);
    g_autoptr(Daemon) daemon = daemon_start((Script){.reply = cases[i].reply});
    g_auto(GStrv) words = g_strsplit(cases[i].arguments, " ", -1);
    g_auto(GStrv) argv = make_argv(daemon, program, (const char *const *)words);
    g_autofree char *out = NULL;
    g_autofree char *err = NULL;

    g_assert_cmpint(run((Start){0}, argv, NULL, &out, &err), ==, cases[i].status);
    g_assert_cmpstr(daemon->request, ==, cases[i].request);
    if (cases[i].out)
        g_assert_cmpstr(out, ==, cases[i].out);
    if (*cases[i].err)
        g_assert_nonnull(strstr(err, cases[i].err));
    else
        g_assert_cmpstr(err, ==, "");
}

/* ── mistakes, and what needs no daemon ───────────────────────────────────────────────────── */

static const struct {
    const char *name;
    const char *arguments;
    int status;
    const char *out; /* a part of it */
    const char *err;
} alone[] = {
    {"nothing", "", 2, "", "what shall be done? e.g. ontapctl list " SEE},
    {"command", "lst", 2, "", "ontapctl: no such command: lst " SEE},
    {"option", "list --jsn", 2, "", "no such option: --jsn " SEE},
    {"argument", "list vm1", 2, "", "this command takes no vm1 " SEE},
    {"key", "revoke netwrok=lan", 2, "",
     "revoke takes [owner=USER] [network=NETWORK] [name=NAME], not netwrok=lan " SEE},
    {"twice", "release a name=b", 2, "", "a second time: name=b " SEE},
    {"empty", "revoke owner=", 2, "", "empty: owner= " SEE},
    {"no-name", "release", 2, "", "missing: NAME"},
    {"no-path", "list --socket", 2, "", "a path is missing behind --socket " SEE},
    {"policy", "list --policy x", 2, "", "--policy is not for list " SEE},
    {"no-daemon", "list --socket /nonexistent/socket", 3, "", "cannot connect to ontapd"},
    {"no-daemon-watch", "watch --socket /nonexistent/socket", 3, "", "cannot connect to ontapd"},
    {"no-daemon-reload", "reload --socket /nonexistent/socket", 3, "", "cannot connect to ontapd"},
    {"no-daemon-complete", "complete names --socket /nonexistent/socket", 3, "", ""},
    {"no-owner", "revoke owner=no-such-user --socket /nonexistent/socket", 1, "",
     "no user 'no-such-user'"},
    {"version", "--version", 0, "ontapctl " ONTAP_VERSION "\n", ""},
    {"help", "--help", 0, "Usage: ontapctl [--json]", ""},
    {"help-release", "release --help", 0, "Usage: ontapctl release NAME", ""},
    {"doctor", "doctor --socket /nonexistent/socket --policy /nonexistent/policy", 1,
     "fail  there is no socket /nonexistent/socket\n", ""},
};

static void check_alone(gconstpointer data)
{
    gsize i = GPOINTER_TO_SIZE(data);
    g_autofree char *line =
        g_strconcat(program, *alone[i].arguments ? " " : "", alone[i].arguments, NULL);
    g_auto(GStrv) argv = g_strsplit(line, " ", -1);
    g_autofree char *out = NULL;
    g_autofree char *err = NULL;

    g_assert_cmpint(run((Start){0}, argv, NULL, &out, &err), ==, alone[i].status);
    g_assert_nonnull(strstr(out, alone[i].out));
    if (*alone[i].err)
        g_assert_nonnull(strstr(err, alone[i].err));
    else
        g_assert_cmpstr(err, ==, "");
}

/* A value that no line can hold is not left out: without it `revoke` would take more. */
static void check_unwritable(void)
{
    char *argv[] = {(char *)program, (char *)"revoke", (char *)"name=a\001b",
                    (char *)"--socket=/nonexistent/socket", NULL};
    g_autofree char *out = NULL;
    g_autofree char *err = NULL;

    g_assert_cmpint(run((Start){0}, argv, NULL, &out, &err), ==, 2);
    g_assert_nonnull(strstr(err, "control character"));
}

static void check_environment(void)
{
    g_autoptr(Daemon) daemon = daemon_start((Script){.reply = "ok\n"});
    g_autofree char *variable = g_strconcat("ONTAP_SOCKET=", daemon->path, NULL);
    char *environment[] = {variable, NULL};
    char *argv[] = {(char *)program, (char *)"list", NULL};
    g_autofree char *out = NULL;
    g_autofree char *err = NULL;

    g_assert_cmpint(run((Start){0}, argv, environment, &out, &err), ==, 0);
    g_assert_cmpstr(out, ==, "no devices\n");
}

/* ── the policy ───────────────────────────────────────────────────────────────────────────── */

static char *write_policy(const char *text)
{
    char *path = NULL;
    int handle = g_file_open_tmp("ontap-policy-XXXXXX", &path, NULL);

    g_assert_cmpint(handle, >=, 0);
    g_close(handle, NULL);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    g_assert_cmpint(g_chmod(path, 0644), ==, 0);
    return path;
}

/* The daemon takes only what root wrote. */
static void check_reload(void)
{
    g_autoptr(Daemon) daemon =
        daemon_start((Script){.reply = "ok networks=1 rules=2 forbidden=1\n"});
    g_autofree char *path =
        write_policy("network lan parent=up0\nallow user=0\nallow user=no-such-user\n");
    g_auto(GStrv) argv = make_argv(daemon, program, ARGUMENTS("reload", "@", "--policy", path));
    g_autofree char *wanted = g_strconcat(path, " is in force: 1 network, 2 rules\n", NULL);
    g_autofree char *out = NULL;
    g_autofree char *err = NULL;
    int status = run((Start){0}, argv, NULL, &out, &err);

    g_remove(path);
    if (geteuid() != 0) {
        g_assert_cmpint(status, ==, 2);
        g_assert_nonnull(strstr(err, "must belong to root"));
        return;
    }
    g_assert_cmpint(status, ==, 0);
    g_assert_cmpstr(out, ==, wanted);
    g_assert_true(g_str_has_prefix(daemon->request, "policy size="));
    g_assert_nonnull(strstr(err, ":3:12: "));
    g_assert_nonnull(strstr(err, "warning: 1 device is no longer permitted"));
}

static void check_reload_bad(void)
{
    g_autofree char *path = write_policy("network lan parent=up0\nallow usr=root\n");
    g_autofree char *wanted = g_strconcat("ontapctl: ", path, ":2:7: ", NULL);
    char *argv[] = {(char *)program,
                    (char *)"reload",
                    (char *)"--socket=/nonexistent/socket",
                    (char *)"--policy",
                    path,
                    NULL};
    g_autofree char *out = NULL;
    g_autofree char *err = NULL;

    g_assert_cmpint(run((Start){0}, argv, NULL, &out, &err), ==, 2);
    g_remove(path);
    if (geteuid() == 0)
        g_assert_true(g_str_has_prefix(err, wanted));
}

static void check_explain(void)
{
    g_autofree char *path = write_policy("network lan parent=up0 default\nallow user=0\n");
    g_autofree char *reply = g_strdup_printf("ok policy=%s policy-age=3600\n", path);
    g_autoptr(Daemon) daemon = daemon_start((Script){.reply = reply});
    g_auto(GStrv) argv = make_argv(daemon, program, ARGUMENTS("explain", "@", "user=0"));
    g_autofree char *out = NULL;
    g_autofree char *err = NULL;

    g_assert_cmpint(run((Start){0}, argv, NULL, &out, &err), ==, 0);
    g_remove(path);
    g_assert_true(g_str_has_prefix(out, "yes: 0 may have ipvtap on lan\n"));
    g_assert_nonnull(strstr(err, "is newer than what ontapd has in force"));
}

/* The daemon has read it after the last change of the file, and before that of what it includes. */
static void check_explain_include(void)
{
    g_autofree char *part = write_policy("allow user=0\n");
    g_autofree char *text = g_strdup_printf("network lan parent=up0 default\ninclude %s\n", part);
    g_autofree char *path = write_policy(text);
    g_autofree char *reply = g_strdup_printf("ok policy=%s policy-age=3600\n", path);
    struct utimbuf old = {.actime = time(NULL) - 7200, .modtime = time(NULL) - 7200};

    for (int changed = 1; changed >= 0; changed--) {
        g_autoptr(Daemon) daemon = daemon_start((Script){.reply = reply});
        g_auto(GStrv) argv = make_argv(daemon, program, ARGUMENTS("explain", "@", "user=0"));
        g_autofree char *out = NULL;
        g_autofree char *err = NULL;

        g_assert_cmpint(g_utime(changed ? path : part, &old), ==, 0);
        g_assert_cmpint(run((Start){0}, argv, NULL, &out, &err), ==, 0);
        g_assert_cmpint(strstr(err, "is newer") != NULL, ==, changed);
    }
    g_remove(part);
    g_remove(path);
}

static void check_explain_json(void)
{
    g_autofree char *path = write_policy("network lan parent=up0 default\nallow user=0\n");
    g_autofree char *place = g_strconcat(path, ":2", NULL);
    char *yes[] = {(char *)program,
                   (char *)"explain",
                   (char *)"--json",
                   (char *)"user=0",
                   (char *)"--policy",
                   path,
                   NULL};
    char *no[] = {
        (char *)program, (char *)"explain", (char *)"user=4711", (char *)"--policy", path, NULL};
    char *unknown[] = {
        (char *)program, (char *)"explain", (char *)"network=dmz", (char *)"--policy", path, NULL};
    g_autofree char *out = NULL;
    g_autofree char *err = NULL;
    g_autofree char *more = NULL;
    g_autoptr(JsonNode) node = NULL;
    JsonObject *object;

    g_assert_cmpint(run((Start){0}, yes, NULL, &out, &err), ==, 0);
    node = json_from_string(out, NULL);
    object = json_node_get_object(node);
    g_assert_true(json_object_get_boolean_member(object, "allowed"));
    g_assert_cmpstr(json_object_get_string_member(object, "place"), ==, place);
    g_assert_cmpint(
        json_object_get_int_member(json_object_get_object_member(object, "limits"), "devices"), ==,
        4);
    g_clear_pointer(&out, g_free);
    g_assert_cmpint(run((Start){0}, no, NULL, &out, NULL), ==, 1);
    g_assert_true(g_str_has_prefix(out, "no: 4711 may not have ipvtap on lan\n"));
    g_assert_cmpint(run((Start){0}, unknown, NULL, NULL, &more), ==, 1);
    g_assert_nonnull(strstr(more, "no network 'dmz'; the policy has: lan"));
    g_remove(path);
}

/* ── watch ────────────────────────────────────────────────────────────────────────────────── */

typedef struct {
    GPid pid;
    int out;
} Child;

/* A daemon that goes on: what follows its answer never comes. */
static Child start_watch(const Daemon *daemon, const char *option)
{
    g_auto(GStrv) argv = make_argv(daemon, program, ARGUMENTS("watch", "@", option));
    Child child;

    g_assert_true(g_spawn_async_with_pipes(NULL, argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL,
                                           &child.pid, NULL, &child.out, NULL, NULL));
    return child;
}

static int end_watch(const Child *child)
{
    int status;

    g_assert_cmpint(waitpid(child->pid, &status, 0), ==, child->pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Reads to the end of the first line. */
static char *read_line(int fd)
{
    GString *line = g_string_new(NULL);
    char byte;

    while (read(fd, &byte, 1) == 1 && byte != '\n')
        g_string_append_c(line, byte);
    return g_string_free(line, FALSE);
}

static Daemon *endless_daemon(int keep[static 2])
{
    g_assert_cmpint(pipe(keep), ==, 0);
    return daemon_start(
        (Script){.reply = "ok\nbound " DEVICE "address=192.0.2.7 valid=60\n", .linger = keep[0]});
}

static void check_watch_signal(void)
{
    int keep[2];
    g_autoptr(Daemon) daemon = endless_daemon(keep);
    Child child = start_watch(daemon, "--json");
    g_autofree char *line = read_line(child.out); /* it is there though nothing follows */
    g_autoptr(JsonNode) node = json_from_string(line, NULL);
    JsonObject *object = json_node_get_object(node);

    g_assert_cmpstr(json_object_get_string_member(object, "event"), ==, "bound");
    g_assert_cmpint(json_object_get_int_member(object, "valid"), ==, 60);
    g_assert_true(json_object_has_member(object, "time"));
    kill(child.pid, SIGINT);
    g_assert_cmpint(end_watch(&child), ==, 0);
    close(child.out);
    close(keep[1]);
}

/* Nobody reads any more, and nothing happens that would show it. */
static void check_watch_pipe(void)
{
    int keep[2];
    g_autoptr(Daemon) daemon = endless_daemon(keep);
    Child child = start_watch(daemon, "--json");
    g_autofree char *line = read_line(child.out);

    g_assert_cmpstr(line, !=, "");
    close(child.out);
    g_assert_cmpint(end_watch(&child), ==, 0);
    close(keep[1]);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_assert_cmpint(argc, ==, 2);
    program = argv[1];
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strconcat("/ctl/command/", cases[i].name, NULL);

        g_test_add_data_func(path, GSIZE_TO_POINTER(i), check_case);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(alone); i++) {
        g_autofree char *path = g_strconcat("/ctl/alone/", alone[i].name, NULL);

        g_test_add_data_func(path, GSIZE_TO_POINTER(i), check_alone);
    }
    g_test_add_func("/ctl/command/unwritable", check_unwritable);
    g_test_add_func("/ctl/command/environment", check_environment);
    g_test_add_func("/ctl/reload/good", check_reload);
    g_test_add_func("/ctl/reload/bad", check_reload_bad);
    g_test_add_func("/ctl/explain/stale", check_explain);
    g_test_add_func("/ctl/explain/include", check_explain_include);
    g_test_add_func("/ctl/explain/json", check_explain_json);
    g_test_add_func("/ctl/watch/signal", check_watch_signal);
    g_test_add_func("/ctl/watch/pipe", check_watch_pipe);
    return g_test_run();
}
