/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The contract of ontap-helper with QEMU, tested on the program itself.
 *
 * Arguments: the paths of ontap-helper, ontap, and an ontap-helper that loses patience early.
 */
#include "tests/unit/test-helper-daemon.h"
#include "wire/fds.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static const char *helper_path;
static const char *ontap_path;
static const char *hasty_path;

/* Runs the helper as QEMU does, and checks what must hold in every case: a device arrives exactly
 * when the status is 0, nothing else does, and a failure is one line. `line`, unless NULL, is the
 * whole of standard error, `@` in it the socket's path. */
static void run_helper(const Daemon *daemon, char **argv, Start start, char **environment,
                       int expected, const char *line)
{
    g_autofree char *err = NULL;
    int pair[2];
    int got[4];
    size_t n = 0;
    char bytes[16] = "none yet";
    int status;
    ssize_t received;

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
    start.keep = pair[1];
    for (size_t i = 0; argv[i]; i++) {
        char *place = strstr(argv[i], "%d");

        if (place) {
            g_autofree char *number = g_strdup_printf("%d", start.as > 0 ? start.as : pair[1]);
            g_auto(GStrv) parts = g_strsplit(argv[i], "%d", 2);

            g_free(argv[i]);
            argv[i] = g_strjoinv(number, parts);
        }
    }

    status = run(start, argv, environment, NULL, &err);
    close(pair[1]);
    g_test_message("status %d, standard error: %s", status, err);
    g_assert_cmpint(status, ==, expected);
    received = fds_receive(pair[0], bytes, sizeof(bytes), got, &n, G_N_ELEMENTS(got));
    if (status == 0) {
        g_assert_cmpint(received, ==, 1);
        g_assert_cmpuint(n, ==, 1);
        g_assert_cmpuint(inode(got[0]), ==, inode(daemon->fds[0]));
        close(got[0]);
        g_assert_cmpstr(err, ==, "");
        received = fds_receive(pair[0], bytes, sizeof(bytes), got, &n, 1);
    } else if (!start.closed && !start.broken_pipe) {
        g_assert_true(g_str_has_prefix(err, "ontap-helper: "));
        g_assert_true(strchr(err, '\n') == err + strlen(err) - 1);
    }
    g_assert_cmpint(received, ==, 0);
    close(pair[0]);

    if (line) {
        g_auto(GStrv) parts = g_strsplit(line, "@", -1);
        g_autofree char *whole = g_strjoinv(daemon->path, parts);

        g_assert_cmpstr(err, ==, whole);
    }
}

static const Script one_device = {.reply = OK_REPLY(1), .n_fds_end = 1};

/* Every argv that may come, and the request that it becomes. */
static void test_arguments(void)
{
    static const struct {
        const char *arguments[8];
        const char *request;
    } cases[] = {
        {{"--use-vnet", "--fd=%d", "--br=br0", "@"}, "network=br0\n"},
        {{"--use-vnet", "--br=lan", "--fd=%d", "@"}, "network=lan\n"},
        {{"@", "--fd=%d"}, "\n"},
        {{"--network=lab", "@", "--use-vnet", "--fd=%d", "--br=br0"}, "network=lab\n"},
        {{"--br=br0", "--fd=%d", "--network=lab", "@"}, "network=lab\n"},
        {{"--br=not a name", "--fd=%d", "--network=lab", "@"}, "network=lab\n"},
        {{"--name=vm1", "@", "--fd=%d"}, "name=vm1\n"},
        {{"--fd=77", "--br=a", "--fd=%d", "--br=b", "@"}, "network=b\n"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Daemon) daemon = daemon_start(one_device);
        g_auto(GStrv) argv = make_argv(daemon, helper_path, cases[i].arguments);

        run_helper(daemon, argv, (Start){0}, NULL, 0, "");
        g_assert_cmpstr(daemon->request, ==, cases[i].request);
    }
}

static void test_usage_errors(void)
{
    static const struct {
        const char *arguments[8];
        const char *line;
    } cases[] = {
        {{"--br=br0", "@"}, NULL},
        {{"--fd=%d", "@", "--queues=2"},
         "ontap-helper: unknown argument \"--queues=2\" (see ontap-helper --help)\n"},
        {{"--fd=%d", "@", "br0"}, NULL},
        {{"--fd=%d", "@", ""}, NULL},
        {{"--fd=%d", "@", "--fd"}, NULL},
        {{"--fd=", "@"}, "ontap-helper: --fd= takes the number of a descriptor, not \"\"\n"},
        {{"--fd=x", "@"}, NULL},
        {{"--fd=-1", "@"}, NULL},
        {{"--fd=3x", "@"}, NULL},
        {{"--fd=4294967299", "@"}, NULL},
        {{"--fd=0", "@"}, "ontap-helper: descriptor 0 (from --fd=) is not an open UNIX socket\n"},
        {{"--fd=1000", "@"}, NULL},
        {{"--fd=%d", "@", "--br="}, NULL},
        {{"--fd=%d", "@", "--network=a b"},
         "ontap-helper: \"a b\" is not a network name: a letter or digit, then at most 62 "
         "letters, digits, dots, underscores and hyphens\n"},
        {{"--fd=%d", "@", "--name=../x"}, NULL},
        {{"--fd=%d", "@", "--name=two\nlines"}, NULL},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Daemon) daemon = daemon_start(one_device);
        g_auto(GStrv) argv = make_argv(daemon, helper_path, cases[i].arguments);

        run_helper(daemon, argv, (Start){0}, NULL, 1, cases[i].line);
        g_assert_cmpstr(daemon->request, ==, "");
    }
}

/* QEMU's second form, for a helper= string with spaces. */
static void test_shell(void)
{
    g_autoptr(Daemon) daemon = daemon_start(one_device);
    g_autofree char *command = g_strdup_printf(
        "%s --socket=%s --network=lab --use-vnet --fd=%%d --br=br0", helper_path, daemon->path);
    g_auto(GStrv) argv = make_argv(daemon, "/bin/sh", ARGUMENTS("-c", command));

    run_helper(daemon, argv, (Start){0}, NULL, 0, "");
    g_assert_cmpstr(daemon->request, ==, "network=lab\n");
}

/* What the daemon may answer, and worse. */
static void test_replies(void)
{
    static char long_reply[4096];
    static const char strange[] = "ontap-helper: what answered at @ does not speak ontapd's "
                                  "protocol\n";
    const struct {
        Script script;
        int status;
        const char *line;
    } cases[] = {
        {{.reply = OK_REPLY(1), .n_fds_end = 1}, 0, ""},
        {{.reply = OK_REPLY(1), .n_fds = 1}, 0, ""},
        {{.reply = OK_REPLY(1), .n_fds_end = 1, .deaf = true}, 0, ""},
        {{.reply = "error denied member may have 4 devices on lan, and has 4 "
                   "(/etc/ontap/policy:4)\n"},
         1,
         "ontap-helper: denied: member may have 4 devices on lan, and has 4 "
         "(/etc/ontap/policy:4)\n"},
        {{.reply = "error busy\n"}, 1, "ontap-helper: busy\n"},
        {{.reply = "error busy try again\n", .deaf = true}, 1, "ontap-helper: busy: try again\n"},
        {{.reply = "error busy try again\n", .unread = true}, 1, "ontap-helper: busy: try again\n"},
        {{.reply = "error denied with a gift\n", .n_fds_end = 1},
         1,
         "ontap-helper: denied: with a gift\n"},
        {{.reply = OK_REPLY(1)},
         1,
         "ontap-helper: ontapd at @ was asked for 1 queues, promised 1 and sent 0\n"},
        {{.reply = OK_REPLY(1), .n_fds = 1, .n_fds_end = 1},
         1,
         "ontap-helper: ontapd at @ was asked for 1 queues, promised 1 and sent 2\n"},
        {{.reply = OK_REPLY(2), .n_fds_end = 2},
         1,
         "ontap-helper: ontapd at @ was asked for 1 queues, promised 2 and sent 2\n"},
        {{.reply = ""},
         1,
         "ontap-helper: ontapd at @ closed the connection without an answer (journalctl -u ontapd "
         "may say why)\n"},
        {{.reply = "HTTP/1.1 400 Bad Request\r\n", .n_fds_end = 1}, 1, strange},
        {{.reply = "ok", .n_fds_end = 1}, 1, strange},
        {{.reply = "\n", .n_fds_end = 1}, 1, strange},
        {{.reply = "error denied \x1b[2J\n"}, 1, strange},
        {{.reply = "error denied a\nsecond line\n"}, 1, strange},
        {{.reply = OK_REPLY(1) OK_REPLY(1), .n_fds_end = 1}, 1, strange},
        {{.reply = OK_REPLY(1), .size = strlen(OK_REPLY(1)) - 1, .n_fds_end = 1}, 1, strange},
        {{.reply = OK_REPLY(1), .size = strlen(OK_REPLY(1)) + 1, .n_fds_end = 1}, 1, strange},
        {{.reply = long_reply, .n_fds_end = 1}, 1, strange},
    };

    memset(long_reply, 'x', sizeof(long_reply) - 1);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Daemon) daemon = daemon_start(cases[i].script);
        g_auto(GStrv) argv = make_argv(daemon, helper_path, ARGUMENTS("--fd=%d", "@"));

        run_helper(daemon, argv, (Start){0}, NULL, cases[i].status, cases[i].line);
    }
}

static void test_silence(void)
{
    g_autoptr(Daemon) daemon = daemon_start((Script){0});
    g_auto(GStrv) argv = make_argv(daemon, hasty_path, ARGUMENTS("--fd=%d", "@"));

    run_helper(daemon, argv, (Start){0}, NULL, 1,
               "ontap-helper: ontapd at @ did not answer within 0.3 s (is it running? systemctl "
               "status ontapd)\n");
}

/* Nobody takes the connection and the backlog is full: connect() itself waits. */
static void test_full_backlog(void)
{
    g_autoptr(Daemon) daemon = daemon_start((Script){.reply = ""});
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int clients[16];
    size_t n = 0;
    g_auto(GStrv) argv = make_argv(daemon, hasty_path, ARGUMENTS("--fd=%d", "@"));

    g_strlcpy(address.sun_path, daemon->path, sizeof(address.sun_path));
    for (bool full = false; !full; n++) {
        g_assert_cmpuint(n, <, G_N_ELEMENTS(clients));
        clients[n] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        full = connect(clients[n], (struct sockaddr *)&address, sizeof(address)) < 0;
        if (n == 0)
            g_usleep(20000); /* the daemon's thread takes this one and stays with it */
    }
    run_helper(daemon, argv, (Start){0}, NULL, 1,
               "ontap-helper: ontapd at @ did not answer within 0.3 s (is it running? systemctl "
               "status ontapd)\n");
    while (n > 0)
        close(clients[--n]);
}

static void test_no_daemon(void)
{
    g_autoptr(Daemon) daemon = daemon_start(one_device);
    g_autofree char *nowhere = g_strconcat("--socket=", daemon->folder, "/nowhere", NULL);
    g_autofree char *line =
        g_strconcat("ontap-helper: cannot connect to ontapd at ", daemon->folder,
                    "/nowhere: No such file or directory (start it: systemctl "
                    "start ontapd)\n",
                    NULL);
    g_auto(GStrv) argv = make_argv(daemon, helper_path, ARGUMENTS("--fd=%d", nowhere));
    char long_path[256] = "--socket=/";
    g_auto(GStrv) refused = make_argv(daemon, helper_path, ARGUMENTS("--fd=%d", "@"));
    g_auto(GStrv) too_long = NULL;

    run_helper(daemon, argv, (Start){0}, NULL, 1, line);

    shutdown(daemon->listener, SHUT_RDWR);
    run_helper(daemon, refused, (Start){0}, NULL, 1,
               "ontap-helper: cannot connect to ontapd at @: Connection refused (start it: "
               "systemctl start ontapd)\n");

    memset(long_path + 10, 'x', sizeof(long_path) - 11);
    too_long = make_argv(daemon, helper_path, ARGUMENTS("--fd=%d", long_path));
    run_helper(daemon, too_long, (Start){0}, NULL, 1, NULL);
}

static void test_environment(void)
{
    g_autoptr(Daemon) daemon = daemon_start(one_device);
    g_autofree char *here = g_strconcat("ONTAP_SOCKET=", daemon->path, NULL);
    char *right[] = {here, NULL};
    char *wrong[] = {(char *)"ONTAP_SOCKET=/nonexistent", NULL};
    g_auto(GStrv) plain = make_argv(daemon, helper_path, ARGUMENTS("--fd=%d"));
    g_auto(GStrv) again = make_argv(daemon, helper_path, ARGUMENTS("--fd=%d"));
    g_autoptr(Daemon) other = daemon_start(one_device);
    g_auto(GStrv) option = make_argv(other, helper_path, ARGUMENTS("--fd=%d", "@"));

    run_helper(daemon, plain, (Start){0}, right, 0, "");
    run_helper(daemon, again, (Start){0}, wrong, 1,
               "ontap-helper: cannot connect to ontapd at /nonexistent: No such file or directory "
               "(start it: systemctl start ontapd)\n");
    run_helper(other, option, (Start){0}, wrong, 0, "");
}

/* Closed standard descriptors, N among them, and nobody to read our error. */
static void test_odd_descriptors(void)
{
    static const struct {
        Start start;
        const char *reply;
        int status;
    } cases[] = {
        {{.closed = true}, OK_REPLY(1), 0},
        {{.closed = true}, "error denied no\n", 1},
        {{.closed = true, .as = 1}, OK_REPLY(1), 0},
        {{.closed = true, .as = 2}, OK_REPLY(1), 0},
        {{.closed = true, .as = 1}, "error denied no\n", 1},
        {{.closed = true, .as = 2}, "error denied no\n", 1},
        {{.as = 200}, OK_REPLY(1), 0},
        {{.broken_pipe = true}, "error denied no\n", 1},
        {{.broken_pipe = true}, OK_REPLY(1), 0},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        Script script = {.reply = cases[i].reply, .n_fds_end = cases[i].status == 0};
        g_autoptr(Daemon) daemon = daemon_start(script);
        g_auto(GStrv) argv = make_argv(daemon, helper_path, ARGUMENTS("--fd=%d", "@"));

        run_helper(daemon, argv, cases[i].start, NULL, cases[i].status, NULL);
    }
}

/* QEMU died while we asked: an error, not a signal, and the device goes with us. Where standard
 * error was closed, the error must not become a frame on the device, which may have its number. */
static void test_caller_gone(void)
{
    static const struct {
        Start start;
        const char *line;
    } cases[] = {
        {{.as = 200}, "ontap-helper: cannot hand the device to the caller: Broken pipe\n"},
        {{.as = 200, .mute = true}, ""},
        {{.as = 200, .closed = true}, ""},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Daemon) daemon = daemon_start(one_device);
        g_auto(GStrv) argv = make_argv(daemon, helper_path, ARGUMENTS("--fd=200", "@"));
        g_autofree char *err = NULL;
        Start start = cases[i].start;
        struct stat status;
        int pair[2];

        g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
        close(pair[0]);
        start.keep = pair[1];
        g_assert_cmpint(run(start, argv, NULL, NULL, &err), ==, 1);
        g_assert_cmpstr(err, ==, cases[i].line);
        g_assert_cmpint(fstat(daemon->fds[0], &status), ==, 0);
        g_assert_cmpint(status.st_size, ==, 0);
        close(pair[1]);
    }
}

static void test_help(void)
{
    const char *const programs[] = {helper_path, ontap_path};

    for (size_t i = 0; i < G_N_ELEMENTS(programs); i++) {
        char *help[] = {(char *)programs[i], (char *)"--help", NULL};
        char *version[] = {(char *)programs[i], (char *)"--version", NULL};
        g_autofree char *name = g_path_get_basename(programs[i]);
        g_autofree char *usage = g_strconcat("Usage: ", name, " ", NULL);
        g_autofree char *first = g_strconcat(name, " ", NULL);
        g_autofree char *out = NULL;
        g_autofree char *out2 = NULL;
        g_autofree char *err = NULL;
        g_autofree char *err2 = NULL;

        g_assert_cmpint(run((Start){0}, help, NULL, &out, &err), ==, 0);
        g_assert_true(g_str_has_prefix(out, usage));
        g_assert_cmpstr(err, ==, "");
        g_assert_cmpint(run((Start){0}, version, NULL, &out2, &err2), ==, 0);
        g_assert_true(g_str_has_prefix(out2, first));
        g_assert_true(g_ascii_isdigit(out2[strlen(first)]));
        g_assert_cmpstr(err2, ==, "");
    }
}

/* Installed setuid by mistake, neither does anything. */
static void test_setuid(void)
{
    const char *const programs[] = {helper_path, ontap_path};

    if (geteuid() != 0) {
        g_test_skip("needs root");
        return;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(programs); i++) {
        g_autoptr(Daemon) daemon = daemon_start(one_device);
        g_autofree char *copy = g_build_filename(daemon->folder, "copy", NULL);
        g_autofree char *err = NULL;
        g_autofree char *bytes = NULL;
        char *argv[] = {copy, (char *)"--version", NULL};
        size_t size;
        int status;

        g_assert_true(g_file_get_contents(programs[i], &bytes, &size, NULL));
        g_assert_true(g_file_set_contents_full(copy, bytes, (gssize)size, G_FILE_SET_CONTENTS_NONE,
                                               0700, NULL));
        g_assert_cmpint(chmod(daemon->folder, 0755), ==, 0);
        g_assert_cmpint(chown(copy, 65534, 65534), ==, 0);
        g_assert_cmpint(chmod(copy, 04755), ==, 0);
        status = run((Start){0}, argv, NULL, NULL, &err);
        g_unlink(copy);
        if (status == 0) {
            g_test_skip("the temporary folder is mounted nosuid");
            return;
        }
        /* Any status but 0: LeakSanitizer puts its own there, since it may not look into this. */
        g_assert_nonnull(strstr(err, ": this program must not be setuid"));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_assert_cmpint(argc, ==, 4);
    helper_path = argv[1];
    ontap_path = argv[2];
    hasty_path = argv[3];
    g_test_add_func("/helper/arguments", test_arguments);
    g_test_add_func("/helper/usage-errors", test_usage_errors);
    g_test_add_func("/helper/shell", test_shell);
    g_test_add_func("/helper/replies", test_replies);
    g_test_add_func("/helper/silence", test_silence);
    g_test_add_func("/helper/full-backlog", test_full_backlog);
    g_test_add_func("/helper/no-daemon", test_no_daemon);
    g_test_add_func("/helper/environment", test_environment);
    g_test_add_func("/helper/odd-descriptors", test_odd_descriptors);
    g_test_add_func("/helper/caller-gone", test_caller_gone);
    g_test_add_func("/helper/help", test_help);
    g_test_add_func("/helper/setuid", test_setuid);
    return g_test_run();
}
